"""Journey: whose stage is what, since when, and because of which event.

Consumes `device.usage`, `device.lifecycle`, `app.usage`, `registry.changed`, `support.activity` and
`analytics.finding`. Decides a customer's stage from facts by the journey map. Owns customers: their
profile, subscription and purchases. Emits `customer.changed` and `journey.activity`. Serves
`/v1/customers`, `/v1/renewals` and `/v1/stages`.
"""
