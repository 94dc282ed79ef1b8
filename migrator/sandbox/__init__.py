"""Simulated services to try things on; imports nothing of the product."""
