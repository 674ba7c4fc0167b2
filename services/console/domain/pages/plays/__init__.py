"""What pages of plays decide."""
