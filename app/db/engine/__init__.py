"""The engine: connections, transactions, and statements as the driver takes them."""
