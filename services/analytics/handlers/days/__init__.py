"""Telemetry taken in, and the closing of a day."""
