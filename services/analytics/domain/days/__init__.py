"""A day: events as local days, when a region closes one, and what its closing sums."""
