"""How long, and how often, somebody may read contact data in clear."""

from datetime import timedelta

LASTS = timedelta(minutes=15)
MOST = 20  # permissions of one person or program at once, and in an hour after that
