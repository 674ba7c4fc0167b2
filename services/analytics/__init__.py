"""Analytics: is this a drop?

Consumes usage, faults, lifecycle, the registry, customers and tickets; keeps inputs in UTC until
their day is final; closes each region's days once all their records have arrived, and only then
decides which local day a use was on; keeps an O(1) usage baseline and drop posterior per customer;
decides the risk tier; owns days, baselines, risks, and what people do about them; emits
`analytics.finding`; serves `/v1/risks`, `/v1/findings`, `/v1/customers/{id}/risk` and `/days`.
"""
