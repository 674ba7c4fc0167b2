"""What pages of risks decide."""
