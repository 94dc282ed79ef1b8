"""The languages that a report can be written in."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """A language that a report can be written in."""

    DE = "de"
    EN = "en"
