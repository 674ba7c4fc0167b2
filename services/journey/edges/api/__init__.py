"""Journey over HTTP: one file per resource."""
