"""What ingest decides: is it valid, when was it, whose is it. No I/O, no clock."""
