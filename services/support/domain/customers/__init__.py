"""What is known of customers, without personal data."""
