"""The match list: each record on both sides with its hashes, its seconds, its word and the request that decided it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from migrator.app.deciding import Decider
from migrator.app.evidence.tables import payload_digest
from migrator.app.wiring import Workplace
from migrator.core.actions import Word
from migrator.core.decide import final_word
from migrator.core.fingerprint import fingerprint
from migrator.core.model import Booking, Key, Rejected, SourceId, TargetEntry
from migrator.store import merge, proof, remembered, source, target
from migrator.store.engine import reading
from migrator.store.merge import Merged
from migrator.store.proof import Deciding, Scope
from migrator.store.remembered import StagedCopy

COLUMNS = (
    *("source_id", "marker", "document", "line", "fragment_sha256", "content_hash", "read_by_run", "day"),
    *("source_person_id", "source_project_id", "activity_id", "sent_fingerprint", "answered_fingerprint"),
    *("shown_fingerprint", "source_seconds", "sent_seconds", "target_seconds", "word", "reason"),
    *("request", "payload_sha256"),
)
_AT = {name: place for place, name in enumerate(COLUMNS)}
_SUMMED = ("source_seconds", "sent_seconds", "target_seconds")
_WRITTEN = frozenset({Word.CREATED, Word.ADOPTED, Word.UPDATED})

_Row = tuple[object, ...]


@dataclass(slots=True)
class MatchTotals:
    """What the match list adds up to, as it is written."""

    records: int = 0
    activities: int = 0
    seconds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SUMMED, 0))
    by_word: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, row: _Row) -> None:
        """Count one row."""
        self.records += row[_AT["source_id"]] is not None
        self.activities += row[_AT["activity_id"]] is not None
        for name in _SUMMED:
            value = row[_AT[name]]
            self.seconds[name] += value if isinstance(value, int) else 0
        word = self.by_word.setdefault(str(row[_AT["word"]]), {"records": 0, "seconds": 0})
        word["records"] += 1
        seconds = row[_AT["source_seconds"]]
        word["seconds"] += seconds if isinstance(seconds, int) else 0

    def as_json(self) -> dict[str, int]:
        """The sums by name."""
        return {"records": self.records, "activities": self.activities, **self.seconds}


class MatchList:
    """The rows of a package's match list."""

    def __init__(self, place: Workplace, decider: Decider, scope: Scope) -> None:
        self._place = place
        self._decider = decider
        self._scope = scope
        self._instance = place.config.activecollab.instance
        self.totals = MatchTotals()

    def rows(self) -> Iterator[_Row]:
        """By record; then what could not be used, then activities behind which no record stands."""
        for row in self._rows():
            self.totals.add(row)
            yield row

    def _rows(self) -> Iterator[_Row]:
        after = 0
        while True:
            with reading(self._place.engine) as session:
                ids = proof.record_ids(session, self._scope, after)
                page = list(self._page(session, ids))
            if not ids:
                break
            yield from page
            after = ids[-1]
        if self._scope.run is None:
            yield from self._unusable()
            yield from self._orphans()

    def _page(self, session: Session, ids: list[SourceId]) -> Iterator[_Row]:
        run = self._scope.run
        merged = merge.merged_of(session, run or 0, frozenset(ids))
        copies = remembered.staged_copies(session, ids)
        deciding = proof.deciding(session, self._scope, ids)
        words = proof.words_in_run(session, run, ids) if run is not None else {}
        for source_id in ids:
            found = merged.get(source_id)
            last = deciding.get(source_id)
            word, reason = words.get(source_id) or (self._word(found) if run is None else _outcome(last))
            yield self._row(source_id, found, copies.get(source_id), last, word, reason)

    def _word(self, found: Merged | None) -> tuple[str, str]:
        """The word of a record as both sides stand; nothing is asked, so what is absent is as good as pending."""
        assert found is not None, "all of these are staged"
        decided = self._decider.decide(found, None)
        word = final_word(decided.action)
        reason = getattr(decided.action, "reason", None)
        return (Word.PENDING if word in _WRITTEN else word).value, reason.value if reason is not None else ""

    def _row(
        self,
        source_id: SourceId,
        found: Merged | None,
        copy: StagedCopy | None,
        last: Deciding | None,
        word: str,
        reason: str,
    ) -> _Row:
        entry = found.entry if found is not None else None
        link = found.link if found is not None and not found.gone else None
        present = self._present(found)
        stored = present.booking if present else link.answered if link else None
        activity = present.id if present else link.activity_id if link else None
        return (
            source_id,
            Key(self._instance, source_id).marker,
            copy.origin.document if copy else "",
            copy.origin.line if copy else None,
            copy.fragment_hash if copy else "",
            copy.content_hash if copy else "",
            copy.read_run if copy else None,
            entry.day.isoformat() if entry else "",
            entry.user_id if entry else None,
            entry.project_id if entry else None,
            activity,
            *_fingerprints(link.sent if link else None, link.answered if link else None, stored if present else None),
            entry.seconds if entry else None,
            link.sent.seconds if link and link.sent else None,
            stored.seconds if stored else None,
            word,
            reason,
            last.intent_id if last else None,
            payload_digest(last.payload) if last else "",
        )

    def _present(self, found: Merged | None) -> TargetEntry | None:
        if found is None:
            return None
        seen = (found.linked, *found.marked)
        gone = found.link.activity_id if found.link is not None and found.gone else None
        return next((each for each in seen if each is not None and each.id != gone), None)

    def _unusable(self) -> Iterator[_Row]:
        with reading(self._place.engine) as session:
            rejects = source.unstaged_rejects(session)
        yield from (self._unusable_row(each) for each in rejects)

    def _unusable_row(self, reject: Rejected) -> _Row:
        fragment = hashlib.sha256(reject.fragment.encode()).hexdigest() if reject.fragment else ""
        filled = {
            "source_id": reject.source_id,
            "marker": Key(self._instance, reject.source_id).marker if reject.source_id is not None else "",
            "document": reject.origin.document,
            "line": reject.origin.line,
            "fragment_sha256": fragment,
            "source_seconds": reject.seconds,
            "word": Word.REJECTED.value,
            "reason": reject.field,
        }
        return tuple(filled.get(name) for name in COLUMNS)

    def _orphans(self) -> Iterator[_Row]:
        after = 0
        while True:
            with reading(self._place.engine) as session:
                page = target.orphan_markers(session, after=after)
            if not page:
                return
            for entry in page:
                filled = {
                    "marker": entry.booking.marker,
                    "day": entry.booking.day.isoformat(),
                    "activity_id": entry.id,
                    "shown_fingerprint": fingerprint(entry.booking),
                    "target_seconds": entry.booking.seconds,
                    "word": "",
                    "reason": "no record",
                }
                yield tuple(filled.get(name) for name in COLUMNS)
            after = page[-1].id


def _fingerprints(*bookings: Booking | None) -> list[str]:
    """The fingerprint of each, "" for none; most are the same, and made once."""
    known: dict[Booking, str] = {}
    for each in bookings:
        if each is not None and each not in known:
            known[each] = fingerprint(each)
    return ["" if each is None else known[each] for each in bookings]


def _outcome(last: Deciding | None) -> tuple[str, str]:
    """The word of a record that the run did not queue: what its last request was, and how it ended."""
    return (f"{last.write} {last.outcome}", "") if last is not None else ("not carried out", "")
