"""Where journey meets Kafka and HTTP."""
