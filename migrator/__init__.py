"""Moves working time from ActiveCollab to MOCO: exactly once, and proved."""

__version__ = "0.1.0"
