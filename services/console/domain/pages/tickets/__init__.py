"""What pages of tickets decide."""
