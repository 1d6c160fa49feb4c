"""What happened: the journal, and the retry log."""
