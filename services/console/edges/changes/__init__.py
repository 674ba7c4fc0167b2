"""What changes elsewhere, told to the pages that are open."""
