"""Which numbers of which source are missing: nowhere counted, or by one service only, and why."""
