"""`doctor`: what is set up right, and the probes that find out what only a write can tell."""
