"""Plans of messages, stored before the broker may forget."""
