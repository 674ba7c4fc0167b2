"""People of a business account, and what was said with customers outside plays."""
