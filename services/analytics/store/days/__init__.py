"""Recent inputs, totals of days, closings, and which day a region closes next."""
