"""How long, and how often, somebody may read contact data in clear."""

from datetime import timedelta

LASTS = timedelta(minutes=15)
COUNTED = timedelta(hours=1)
MOST = 20  # permissions of one person or program within COUNTED
