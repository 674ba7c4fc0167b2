"""What a container needs besides the services: the job `prepare`, the health check, the lock."""
