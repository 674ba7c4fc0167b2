"""Decisions of analytics: what a day's usage says about a customer. Pure: arrays in, arrays out."""
