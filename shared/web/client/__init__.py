"""What a service asks others over HTTP: services of ours, and addresses that somebody typed in."""
