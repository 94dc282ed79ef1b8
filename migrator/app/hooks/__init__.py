"""`hooks`: web hooks of MOCO, ours and those of others, and what ours told."""
