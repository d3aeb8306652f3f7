"""Events: what happened, and its webhooks."""
