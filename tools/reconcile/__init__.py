"""Do the databases and Kafka agree? After a disk died, a backup was restored, a topic was made anew."""
