"""A play over what is known of the past: the engine's own functions on a clock of its own, nothing sent."""
