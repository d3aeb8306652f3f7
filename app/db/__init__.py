"""Stores: tables, statements, the ledger's only writer."""
