"""Mails to the people who sign in."""
