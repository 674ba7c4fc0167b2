"""Partners are added and changed; tickets are shared with them."""
