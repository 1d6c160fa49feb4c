"""Namespaces: the objects, the clock and the ids of each API key, and their registry."""
