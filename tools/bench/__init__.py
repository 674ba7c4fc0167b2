"""`make bench`: what a fault and an event cost, printed; never a test with a time in it."""
