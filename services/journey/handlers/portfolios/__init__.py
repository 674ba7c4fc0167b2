"""What hands customers from one CSM to another."""
