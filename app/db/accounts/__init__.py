"""Accounts: the seller's customers."""
