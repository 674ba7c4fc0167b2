"""What records and time change of a customer's stage."""
