"""Records as they are written: what is kept of one that cannot be used, and what a reading of one depends on."""

from __future__ import annotations

from datetime import tzinfo

LONGEST = 8_192
"""Bytes kept of a record that cannot be used: ten times an ordinary one."""


def kept(raw: bytes) -> str:
    """A record as text, cut after `LONGEST` bytes with a note; what no database holds is replaced."""
    text = raw[:LONGEST].decode("utf-8", "replace").replace("\0", "\ufffd")
    if len(raw) <= LONGEST:
        return text
    # A character that was cut through is left out.
    return f"{text.rstrip(chr(0xFFFD))}\n… cut after {LONGEST:,} of {len(raw):,} bytes"


def context_of(version: str, timezone: tzinfo, site: str) -> bytes:
    """What a reading depends on besides the record; the beginning of every fragment hash.

    `version` is that of the program, `timezone` that of moments without one, `site` where paths of JSON lead.
    """
    return f"{version}\n{timezone}\n{site}\n".encode()
