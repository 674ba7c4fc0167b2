"""Customers, devices, tickets and pages by a few letters."""
