"""`python -m deploy.prepare`: roles, databases, topics and migrations; then it ends.

It waits for PostgreSQL and Kafka itself, however long they take, and says so. A second run changes
nothing, apart from passwords that are others now.
"""
