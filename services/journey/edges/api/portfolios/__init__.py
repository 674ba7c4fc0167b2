"""Routes of portfolios."""
