"""The stubs in force: what they are, which one answers, and what it does."""
