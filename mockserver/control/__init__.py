"""The control API under `/_mock/`, a resource a file."""
