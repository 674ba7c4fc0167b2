"""Load, decide, save: one file per topic, and the closing of a day."""
