"""Tickets: what is asked, what it costs, and what happens to it."""
