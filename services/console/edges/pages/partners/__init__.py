"""Pages of the partners' organisations."""
