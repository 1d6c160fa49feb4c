"""What one API key sees: its objects, its clock, its ids; and the registry of all of them."""
