"""The ledger: lots, entries, balances."""
