"""The fleet: simulated customers with their devices and apps, in front of a real broker.

`generate` makes what happens, `source` keeps rings and sequence numbers, `delivery` decides when
a source speaks, `mqtt` carries it, `registry` does the vendor's work over HTTP, `fleet` conducts.
"""
