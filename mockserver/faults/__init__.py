"""The faults: a catalogue, and one module for each fault of the transport."""
