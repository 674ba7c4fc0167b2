"""A bucket's MQTT session, and what it has read."""
