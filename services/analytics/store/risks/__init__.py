"""Risks and findings, read for people."""
