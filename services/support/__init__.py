"""Support: people and faults of devices open tickets, and every ticket tells its history.

Consumes `device.fault device.lifecycle app.usage registry.changed customer.changed`; decides
whether a fault is a new ticket or a known one, and when a recovery has held; owns tickets, their
history, and what they know of faults; emits `support.activity`; serves `/v1/tickets`.
"""
