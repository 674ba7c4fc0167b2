"""Ingest's database, revision by revision."""
