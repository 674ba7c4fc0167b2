"""Pages of accounts: one's own, the people's, and how somebody wants to work."""
