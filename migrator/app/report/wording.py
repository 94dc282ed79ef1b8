"""What a report says, in German and English: every format takes its words from here."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """A language that a report can be written in."""

    DE = "de"
    EN = "en"
