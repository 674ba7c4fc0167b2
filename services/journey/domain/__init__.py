"""Decisions of journey: events -> state -> facts -> stages; no clock, no I/O."""
