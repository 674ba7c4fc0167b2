"""What the journey's picture decides."""
