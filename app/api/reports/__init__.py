"""Reports: views over many tickets, entries or accounts."""
