"""A playbook, looked at before it is published: what is wrong with it, and what it leaves out."""
