"""A customer: what is known beside the usage, and the members of a region at a closing."""
