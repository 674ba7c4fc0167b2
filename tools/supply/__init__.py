"""What we take from others: known holes in it (`audit`), and the list of it (`sbom`)."""
