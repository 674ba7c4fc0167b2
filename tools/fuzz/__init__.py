"""`make fuzz`: strange bytes, numbers, texts, clocks and orders through the real doors, for minutes.

Devices that send nonsense and devices that do not live beside each other on one real system; strangers
and people send nonsense over HTTP. At the end nothing has died, no answer was a 5xx, every message
was answered, and every event of the healthy is counted once. A seed gives the same nonsense again.
"""
