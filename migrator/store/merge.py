"""Everything known of each record, page by page: source, target and our memory of writes side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from migrator.core.listing import Fate
from migrator.core.model import Origin, Seconds, SourceId, TargetEntry, TimeEntry
from migrator.core.quick import quickly_made
from migrator.core.record import Link, Refusal, Ruling
from migrator.store.engine import reading
from migrator.store.intents import open_source_ids
from migrator.store.links import linked_source_ids, saved_links
from migrator.store.refusals import refusals_of
from migrator.store.rows import ENTRY_COLUMNS, PAGE, among, columns_of, time_entry, whole_sum
from migrator.store.rulings import Said, said_of
from migrator.store.tables import SourceRecord, WorkRow
from migrator.store.target import entries_by_id, entries_marked
from migrator.store.undone import undone_of


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are meant; None leaves a limit out, and both days are included."""

    day_from: date | None = None
    day_to: date | None = None
    user_ids: frozenset[SourceId] | None = None
    project_ids: frozenset[SourceId] | None = None
    only: frozenset[SourceId] | None = None
    pilot: bool = False
    """Whether `only` are the records of a pilot."""

    @property
    def is_whole(self) -> bool:
        """Whether every record is meant."""
        return self == Selection()

    @property
    def is_of_days(self) -> bool:
        """Whether nothing but days limits it."""
        return self == Selection(day_from=self.day_from, day_to=self.day_to)

    def only_these(self, ids: frozenset[SourceId]) -> Selection:
        """The same limits, and of those only these records."""
        return replace(self, only=ids if self.only is None else self.only & ids)

    def as_json(self) -> str:
        """The text that a saved plan keeps."""
        days = {"day_from": self.day_from, "day_to": self.day_to}
        ids = {"user_ids": self.user_ids, "project_ids": self.project_ids, "only": self.only}
        kept: dict[str, object] = {name: day.isoformat() for name, day in days.items() if day is not None}
        kept |= {name: sorted(each) for name, each in ids.items() if each is not None}
        if self.pilot:
            kept["pilot"] = True
        return json.dumps(kept)

    @classmethod
    def from_json(cls, text: str) -> Selection:
        """The selection behind such a text."""
        kept = json.loads(text)

        def day(name: str) -> date | None:
            return date.fromisoformat(kept[name]) if name in kept else None

        def ids(name: str) -> frozenset[SourceId] | None:
            return frozenset(SourceId(each) for each in kept[name]) if name in kept else None

        limits = (day("day_from"), day("day_to"), ids("user_ids"), ids("project_ids"), ids("only"))
        return cls(*limits, pilot=kept.get("pilot", False))


@quickly_made
@dataclass(frozen=True, slots=True)
class Merged:
    """One record and all that is known of it.

    `rejected` is the message of its newest copy when that one cannot be used; `read_run` the run that read
    the staged copy last; `marked` the activities that carry its marker; `linked` the activity its link names,
    as the snapshot shows it; `accepted` the digest of what a person accepted; `ruling` a person's word for
    ActiveCollab's side; `done` its final word in the run that was asked for, empty while there is none; `fate` what
    became of it since ActiveCollab lists it no longer; `stands_for` the other record to which an activity that carries
    the marker of this one is linked.
    """

    entry: TimeEntry
    origin: Origin
    read_run: int
    rejected: str
    link: Link | None
    gone: bool
    marked: tuple[TargetEntry, ...]
    linked: TargetEntry | None
    open_intent: bool
    undone: bool
    refusal: Refusal | None
    accepted: str
    done: str
    fate: Fate = Fate.LISTED
    ruling: Ruling | None = None
    stands_for: SourceId | None = None


_NOTHING = Said()
_FATES = {each.value: each for each in Fate}
_COLUMNS = (*ENTRY_COLUMNS, *columns_of(SourceRecord, "document", "line", "read_run", "rejected", "fate"))


def pages(
    engine: Engine,
    run_id: int,
    *,
    selection: Selection = Selection(),
    after: int = 0,
    size: int = PAGE,
) -> Iterator[tuple[Merged, ...]]:
    """The selected records in the order of their ids, from above `after` on.

    Each page has its own short transaction, so that no reader stands in a writer's way. `run_id` says whose
    final words are shown. Rejected records of which no copy is staged are not among them.
    """
    while True:
        with reading(engine) as session:
            page = _page(session, run_id, selection, after, size)
        if not page:
            return
        yield page
        after = page[-1].entry.id


def merged_of(session: Session, run_id: int, source_ids: frozenset[SourceId]) -> dict[SourceId, Merged]:
    """The same for some records (at most a page of them), within a transaction of the caller."""
    query = query_of(Selection(only=source_ids)).order_by(SourceRecord.id)
    return {each.entry.id: each for each in _merge(session, run_id, query)}


def _page(session: Session, run_id: int, selection: Selection, after: int, size: int) -> tuple[Merged, ...]:
    if selection.only is not None:
        # Asked for piece by piece: databases limit how many values one statement may carry.
        wanted = sorted(each for each in selection.only if each > after)
        for start in range(0, len(wanted), size):
            piece = frozenset(wanted[start : start + size])
            page = _merge(session, run_id, query_of(selection, piece).order_by(SourceRecord.id))
            if page:
                return page
        return ()
    query = query_of(selection).where(SourceRecord.id > after)
    return _merge(session, run_id, query.order_by(SourceRecord.id).limit(size))


def count_selected(session: Session, selection: Selection) -> tuple[int, Seconds]:
    """How many staged records are meant, and their seconds: counted by the database, not by who decides them."""
    records = seconds = 0
    for piece in _pieces(selection):
        columns = (func.count(), whole_sum(SourceRecord.seconds))
        found, of_them = session.execute(query_of(piece).with_only_columns(*columns)).one()
        records, seconds = records + found, seconds + int(of_them)
    return records, Seconds(seconds)


def selected_days(session: Session, selection: Selection) -> tuple[date | None, date | None]:
    """The first and the last day of the selected records."""
    firsts, lasts = [], []
    for piece in _pieces(selection):
        columns = (func.min(SourceRecord.day), func.max(SourceRecord.day))
        first, last = session.execute(query_of(piece).with_only_columns(*columns)).one()
        if first is not None:
            firsts.append(first)
            lasts.append(last)
    return (min(firsts), max(lasts)) if firsts else (None, None)


def _pieces(selection: Selection) -> list[Selection]:
    """The same records in pieces: databases limit how many values one statement may carry."""
    if selection.only is None:
        return [selection]
    wanted = sorted(selection.only)
    return [replace(selection, only=frozenset(wanted[start : start + PAGE])) for start in range(0, len(wanted), PAGE)]


def sample_ids(session: Session, selection: Selection, size: int) -> frozenset[SourceId]:
    """About `size` of the selected records, spread evenly over their ids; the same ones every time."""
    records, _ = count_selected(session, selection)
    step = max(1, records // max(1, size))
    ids = session.scalars(query_of(selection).with_only_columns(SourceRecord.id).order_by(SourceRecord.id))
    picked = [SourceId(each) for place, each in enumerate(ids) if place % step == 0]
    return frozenset(picked[:size])


def query_of(selection: Selection, only: frozenset[SourceId] | None = None) -> Select[SourceRecord]:
    """The staged records of a selection; `only` is a piece of those it is limited to, if it is."""
    query = select(SourceRecord)
    if selection.day_from is not None:
        query = query.where(SourceRecord.day >= selection.day_from)
    if selection.day_to is not None:
        query = query.where(SourceRecord.day <= selection.day_to)
    if selection.user_ids is not None:
        query = query.where(SourceRecord.user_id.in_(selection.user_ids))
    if selection.project_ids is not None:
        query = query.where(SourceRecord.project_id.in_(selection.project_ids))
    ids = only if only is not None else selection.only
    return query if ids is None else query.where(SourceRecord.id.in_(ids))


def _merge(session: Session, run_id: int, query: Select[SourceRecord]) -> tuple[Merged, ...]:
    rows = session.execute(query.with_only_columns(*_COLUMNS)).all()
    if not rows:
        return ()
    ids = [SourceId(row[0]) for row in rows]
    links = {saved.source_id: saved for saved in saved_links(session, ids)}
    marked = entries_marked(session, ids)
    # Nearly every linked activity carries its marker, so few have to be asked for again.
    linked = {entry.id: entry for entries in marked.values() for entry in entries}
    unmarked = {saved.link.activity_id for saved in links.values()} - linked.keys()
    linked.update(entries_by_id(session, unmarked))
    unlinked = {key: entries[0].id for key, entries in marked.items() if key not in links}
    shared = linked_source_ids(session, unlinked.values()) if unlinked else {}
    unsettled = open_source_ids(session, ids)
    undone = undone_of(session, ids)
    refusals = refusals_of(session, ids)
    said = said_of(session, ids)
    done = _words(session, run_id, ids)
    found = []
    for row, key in zip(rows, ids, strict=True):
        saved = links.get(key)
        spoken = said.get(key, _NOTHING)
        *values, document, line, read_run, rejected, fate = row
        found.append(
            Merged(
                entry=time_entry(values),
                origin=Origin(document, line),
                read_run=read_run,
                rejected=rejected,
                link=None if saved is None else saved.link,
                gone=saved is not None and saved.gone,
                marked=marked.get(key, ()),
                linked=None if saved is None else linked.get(saved.link.activity_id),
                open_intent=key in unsettled,
                undone=key in undone,
                refusal=refusals.get(key),
                accepted=spoken.accepted,
                ruling=spoken.ruling,
                stands_for=shared.get(unlinked[key]) if key in unlinked else None,
                done=done.get(key, ""),
                fate=_FATES[fate],
            )
        )
    return tuple(found)


def _words(session: Session, run_id: int, ids: list[SourceId]) -> dict[SourceId, str]:
    # By the list alone SQLite would go through everything that the run did, for each page anew.
    within = WorkRow.source_id.between(ids[0], ids[-1])
    query = select(WorkRow.source_id, WorkRow.word).where(WorkRow.run_id == run_id, within)
    return {SourceId(id_): word for id_, word in session.execute(query.where(among(session, WorkRow.source_id, ids)))}
