"""Replies of the frame: their forms, headers, conditions, and those that are stored."""
