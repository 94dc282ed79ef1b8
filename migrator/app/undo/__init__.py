"""`undo`: taking back what a run created."""
