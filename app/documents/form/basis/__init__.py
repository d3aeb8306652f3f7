"""Basis of every part of the form: its class, values, problems, and surroundings."""
