"""Ingest: from MQTT to Kafka, nothing lost.

Consumes `customer.changed`. Decides whether what a source sends is valid and whose it is. Owns the
registry of devices and apps, rejects and their bytes. Emits telemetry, `registry.changed` and
`ingest.rejected`. Serves `/v1/devices`, `/v1/apps`, `/v1/claims`, `/v1/rejects`, `/v1/jobs`.
"""
