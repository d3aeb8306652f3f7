"""`surety import` and `surety archive`: the past read line by line, and put away into files."""
