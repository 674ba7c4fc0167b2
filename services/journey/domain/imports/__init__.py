"""Files of customers, line by line."""
