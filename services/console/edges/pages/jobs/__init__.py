"""Pages of long work: imports, files, erasures."""
