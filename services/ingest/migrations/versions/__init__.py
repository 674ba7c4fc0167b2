"""Expand, then contract; `lock_timeout` first."""
