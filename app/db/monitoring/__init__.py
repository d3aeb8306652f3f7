"""Monitoring: whether the service works, and how far behind it is."""
