"""A risk: how likely a customer uses nothing any more, and how good that number is."""
