"""Selling: quotes, purchases, subscriptions, and what else gives units."""
