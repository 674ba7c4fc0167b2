"""What is said to customers: whether it may be, when, and to whom not."""
