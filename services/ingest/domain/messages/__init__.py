"""Messages of sources: from bytes to events, when they were and whose; the answers."""
