"""The source: reads what ActiveCollab exports."""
