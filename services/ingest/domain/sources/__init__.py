"""Devices and apps in the registry: how they change, and whose they were when."""
