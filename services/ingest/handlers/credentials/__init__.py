"""Credentials issued and revoked."""
