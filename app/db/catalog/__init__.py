"""Catalogues: a seller's published terms."""
