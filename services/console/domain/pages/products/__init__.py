"""What pages of products decide."""
