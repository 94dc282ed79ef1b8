"""`inbox`: everything that waits for a person, and that person's decisions."""
