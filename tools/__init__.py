"""Tools for people: the local servers, the fleet, the demo and the `playcaller` command."""
