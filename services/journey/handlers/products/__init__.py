"""What is sold, and what may be offered to whom."""
