"""What changes contacts of an account."""
