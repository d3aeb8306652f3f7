"""Measurements beside what they are compared with, in one run: `make bench`.

Absolute numbers are of one machine at one time; what counts are the ratios within a run.
"""
