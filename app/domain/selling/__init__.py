"""Selling: quotes, purchases, subscriptions, and other grants of units."""
