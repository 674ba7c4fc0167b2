"""Where ingest meets MQTT, Kafka and HTTP."""
