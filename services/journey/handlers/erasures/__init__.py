"""Customers are forgotten, here and everywhere."""
