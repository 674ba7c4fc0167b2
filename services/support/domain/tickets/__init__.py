"""A ticket: a conversation with a state, clocks and an origin; and what people do to it."""
