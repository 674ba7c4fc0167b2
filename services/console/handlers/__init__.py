"""Load, decide, save: one file per thing that people and programs do."""
