"""What is known of devices."""
