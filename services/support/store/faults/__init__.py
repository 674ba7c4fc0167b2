"""Fault keys, and the fault facts of tickets."""
