"""`make faults`: the running system under every fault we know, and nothing lost or counted twice.

A system of its own in a folder of its own, our own MQTT client with rings, our own ledger: what is
published, acked, in Kafka and in the databases is counted here, id by id, and not by the product.
Every loop is bounded in count and time; it speaks to addresses of this machine only, and ends only
processes that it started.
"""
