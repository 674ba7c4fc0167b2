"""Load, decide, save: one file per topic, per request and per timer of journey."""
