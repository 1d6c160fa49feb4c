"""Measurements, as ratios within one run: absolute numbers depend on the machine and its load."""
