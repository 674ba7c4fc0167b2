"""What two or more services need; no decisions live here."""
