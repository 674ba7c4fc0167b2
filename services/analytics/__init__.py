"""Analytics: is this a drop?

Consumes usage, faults, lifecycle, the registry, customers and tickets; sums meaningful uses per
customer and local day; closes each region's days once all their records have arrived; keeps an
O(1) usage baseline and drop posterior per customer; decides the risk tier; owns days, baselines,
risks; emits `analytics.finding`; serves `/v1/risks` and `/v1/customers/{id}/risk`.
"""
