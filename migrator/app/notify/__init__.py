"""Telling people: heartbeats, alerts and digests, by mail and web hook, without ever holding up a run."""
