"""What happens to messages: they are decided, and customers leave topics."""
