"""Pages of who is on call: health, refusals, records set aside."""
