"""Measurements, as ratios taken in one run: machines differ and drift, ratios hold."""
