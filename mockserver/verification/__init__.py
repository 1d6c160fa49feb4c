"""Records of what happened: the journal and the retry log."""
