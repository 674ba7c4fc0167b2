"""Pages of plays: as they run, as they are written, rehearsed."""
