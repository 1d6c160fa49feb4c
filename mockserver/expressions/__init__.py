"""Conditions and templates: what a fixture says over a request."""
