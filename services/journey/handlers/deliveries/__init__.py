"""What a shop or a billing system has told is done, or kept until somebody looks after it."""
