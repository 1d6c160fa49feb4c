"""Runs: their operations, and what a run does in the place of a model."""
