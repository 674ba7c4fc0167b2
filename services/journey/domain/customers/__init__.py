"""A customer: what is known, what it has, and what events make of it."""
