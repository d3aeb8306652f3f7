"""Decides: pure and synchronous; no clock, no I/O, no framework."""
