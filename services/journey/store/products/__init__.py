"""What is sold, and what of it was offered to whom."""
