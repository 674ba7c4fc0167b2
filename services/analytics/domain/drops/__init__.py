"""A drop: the detector, from one closed day to the tier a person acts on."""
