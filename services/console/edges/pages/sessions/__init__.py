"""Pages of those who have no session yet: sign-in, mailed links, another password."""
