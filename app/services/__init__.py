"""Does: one asynchronous function for each use case, in the caller's transaction."""
