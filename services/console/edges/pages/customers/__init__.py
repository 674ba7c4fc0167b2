"""Pages of customers: the list, one with everything known, profile and what is done with one."""
