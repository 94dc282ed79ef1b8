"""The verdict of a report in one word, and the codes of all that keeps it from being a plain yes."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.core.actions import Word
from migrator.core.report.figures import Agreement
from migrator.core.report.totals import Found

WAITING = (Word.HELD, Word.CONFLICTS, Word.QUARANTINED, Word.REJECTED)
"""The words of records that wait for a person."""

_FURTHER = (Word.PENDING, Word.UNCLEAR)
"""The words of records that the next run takes further."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """What else a verdict depends on.

    `seen`: MOCO was listed whole since the last write. `source_whole`: ActiveCollab was read whole. `control_met`:
    its own totals were met, None when nobody compared them. `closed`: all that MOCO holds of ours is in the lines.
    """

    seen: bool
    source_whole: bool
    control_met: bool | None
    closed: bool
    waits: bool = False
    """Something waits for a person; what was accepted does not."""
    books_differ: bool = False
    """MOCO's own books of projects differed when they were last asked for (`verify --full`)."""
    presences_differ: bool = False
    """The presences differed when they were last compared (`verify`)."""


def agreement(found: Found, proofs: Proofs) -> tuple[Agreement, tuple[str, ...]]:
    """The verdict, never greener than what was found, and its reasons."""
    differ = {
        "differences": bool(found.unexplained),
        "unexplained_seconds": found.unexplained_seconds != 0,
        "control_missed": proofs.control_met is False,
        "moco_books_differ": proofs.books_differ,
        "presences_differ": proofs.presences_differ,
        "target_not_closed": not proofs.closed,
    }
    unproved = {"not_verified_since_write": not proofs.seen, "source_not_whole": not proofs.source_whole}
    but = {"waits": proofs.waits, "pending": _any(found, _FURTHER)}
    reasons = tuple(code for codes in (differ, unproved, but) for code, holds in codes.items() if holds)
    if any(differ.values()):
        return Agreement.DIFFER, reasons
    if any(unproved.values()):
        return Agreement.UNPROVED, reasons
    return (Agreement.AGREE_BUT if any(but.values()) else Agreement.AGREE), reasons


def _any(found: Found, words: tuple[Word, ...]) -> bool:
    return any(word in found.words and found.words[word].records for word in words)
