"""Kafka in and out: the run loop, the producer, the outbox's relay, quarantine."""
