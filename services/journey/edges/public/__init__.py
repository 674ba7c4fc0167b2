"""Pages that customers reach without an account: by a token of a mail, for one thing each."""
