"""`make demo`: a fleet lives through 90 days on real servers, and every event is counted."""
