"""The way of messages from MQTT to Kafka."""
