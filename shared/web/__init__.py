"""The HTTP interface every service has: factory, problems, pages, jobs, health."""
