"""What pages of customers decide."""
