"""`demo`: the whole story in one command, chapter by chapter."""
