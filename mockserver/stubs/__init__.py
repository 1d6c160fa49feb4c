"""What stubs are made of: documents with lines, conditions, templates, and the book of them."""
