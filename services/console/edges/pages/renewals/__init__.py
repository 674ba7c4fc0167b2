"""Pages of terms that end."""
