"""People open tickets and act on them."""
