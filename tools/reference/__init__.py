"""The generated part of docs/reference: settings, metrics, schemas, AsyncAPI."""
