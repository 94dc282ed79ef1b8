"""The target: MOCO's HTTP API."""
