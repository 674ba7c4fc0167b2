"""What the `playcaller` command shows on a terminal."""
