"""Places of requests: shares of what all use, and the turns of an account's writers."""
