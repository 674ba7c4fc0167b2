"""What pages show, decided without I/O: how long a span reads, how somebody wants to see it."""
