"""The services of Playcaller: one folder each, the same rooms in every one."""
