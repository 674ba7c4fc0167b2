"""Journey and apps tell of customers; customers are erased."""
