"""Refusals of the frame, and how every refusal is rendered as a problem."""
