"""What shops sent, and what was paid back."""
