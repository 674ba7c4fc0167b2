"""Reports of devices, and the timers of their fault keys."""
