"""The console: pages for a person at `/`, rendered here, without any script; needs a token outside of this machine."""
