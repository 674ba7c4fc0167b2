"""Journey: a client for each noun it knows."""
