"""What stays of `./playcaller up`: a process that starts again whatever dies, and says so."""
