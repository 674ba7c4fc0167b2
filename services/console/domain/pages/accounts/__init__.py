"""What pages of accounts decide."""
