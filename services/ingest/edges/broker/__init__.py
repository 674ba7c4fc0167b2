"""The MQTT broker: our account there, connections, its files, whom it refused."""
