"""The first page, and what it says while there is nothing yet."""
