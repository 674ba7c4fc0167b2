"""Calls at agreed times: offered by a step, booked by the customer, kept by a person of the team."""
