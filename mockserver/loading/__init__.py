"""From fixture files to stubs and objects: read, checked, compiled, linted."""
