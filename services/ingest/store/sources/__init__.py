"""The registry: for judging, for changes, for people."""
