"""Building: a sound document made into the values that the rest of the service computes with."""
