"""Named ways to fail."""
