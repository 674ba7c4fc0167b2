"""What people do about risks."""
