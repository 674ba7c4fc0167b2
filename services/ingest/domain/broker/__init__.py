"""What the MQTT broker says of those it refused."""
