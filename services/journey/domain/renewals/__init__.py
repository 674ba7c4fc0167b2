"""Terms that end soon, and what came of them."""
