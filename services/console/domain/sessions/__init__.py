"""How long a browser is believed, and how long it waits after wrong tries."""
