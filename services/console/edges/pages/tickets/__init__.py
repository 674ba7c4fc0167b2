"""Pages of tickets: the queue, one ticket, many at once, a contact in clear."""
