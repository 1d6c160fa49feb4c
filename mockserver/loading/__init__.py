"""Turns fixture files into stubs and initial objects: reads, checks, compiles and lints them."""
