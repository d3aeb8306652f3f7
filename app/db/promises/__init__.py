"""Promises: what a plan owes, its deadlines and their clocks."""
