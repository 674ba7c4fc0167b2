"""Support: a device fault opens, joins or reopens a ticket, and every ticket tells its history.

Consumes `device.fault device.lifecycle app.usage registry.changed customer.changed`; decides
whether a fault is a new ticket or a known one, and when a recovery has held; owns tickets, their
history and the fault keys; emits `support.activity`; serves `/v1/tickets`.
"""
