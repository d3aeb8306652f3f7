"""Speaks: routes and wire shapes together, one file a resource."""
