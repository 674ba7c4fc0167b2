"""Simulated people who answer: three teams of ours and a partner's, with accounts of their own, by HTTP only.

They live in the fleet's time: what a person is like says how long a task or an offer waits for them.
"""
