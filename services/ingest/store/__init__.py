"""Ingest's tables: the registry, rejects, unclaimed facts, bucket clocks."""
