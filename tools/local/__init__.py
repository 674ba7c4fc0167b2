"""Real servers for one machine: PostgreSQL, Kafka, mosquitto and a mail catcher.

Each server has its own module. All data, logs and process records lie under one folder that the
caller names; every port is a free one on the loopback interface.
"""
