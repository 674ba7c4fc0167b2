"""What people do to what every service has: load, decide, save, audit, in a transaction of the route's."""
