"""Who somebody is, how they prove it, and for how long we believe it: decisions without I/O."""
