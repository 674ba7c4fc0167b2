"""Load, decide, save: one file per topic or verb, a batch at a time."""
