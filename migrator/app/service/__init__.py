"""What is served over HTTP to the outside: today the place that MOCO's web hooks call."""
