"""The active stubs: which one answers a request, and what its actions do."""
