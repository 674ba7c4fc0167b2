"""Pages of devices, apps, models and firmware."""
