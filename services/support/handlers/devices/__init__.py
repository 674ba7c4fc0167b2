"""The registry and the devices tell of devices."""
