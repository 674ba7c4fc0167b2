"""What devices report, by fault key: which ticket it concerns, and what falls due by itself."""
