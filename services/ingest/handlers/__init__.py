"""Load, decide, save: messages of sources, changes of the registry, news of customers."""
