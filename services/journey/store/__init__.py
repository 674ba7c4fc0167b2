"""Journey's database: customers, their state, what they bought, their history."""
