"""Plays: what a playbook says, and the way of one customer through one play."""
