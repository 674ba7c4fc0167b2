"""Credentials of devices and apps."""
