"""The HTTP interface of ingest: registry and rejects."""
