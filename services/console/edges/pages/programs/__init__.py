"""Pages of API keys of programs."""
