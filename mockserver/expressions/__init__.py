"""Conditions and templates: the expressions in fixtures that read a request."""
