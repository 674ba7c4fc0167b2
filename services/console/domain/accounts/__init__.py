"""Accounts of people: who they are, how they prove it, how they get in."""
