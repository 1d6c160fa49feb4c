"""The faults: a catalogue, and one module for each transport fault."""
