"""Coverage: who pays for a request."""
