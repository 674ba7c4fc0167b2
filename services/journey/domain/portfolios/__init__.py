"""Whose customers are whose: the portfolios of CSMs."""
