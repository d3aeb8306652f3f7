"""Catalogue documents: their form, and how they are read into values."""
