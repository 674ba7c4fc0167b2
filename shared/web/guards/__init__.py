"""What stands before every route: who asks, what they may, how much, how fast and in which form."""
