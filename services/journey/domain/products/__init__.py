"""What is sold: the catalogue, and what may be offered to whom."""
