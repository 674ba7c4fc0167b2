"""Pages of tasks and hand-offs between teams."""
