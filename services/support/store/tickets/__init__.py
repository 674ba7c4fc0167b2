"""Tickets and their histories."""
