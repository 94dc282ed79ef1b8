"""The configuration: every key, where its value came from, and what is wrong with it."""
