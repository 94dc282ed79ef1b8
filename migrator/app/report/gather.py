"""Every record through the decision once, and from there into the sums of a report and onto disk; no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from migrator.app.deciding import Decided, Decider, load_decider
from migrator.app.inbox.meanings import meaning_of
from migrator.app.inbox.show import shown_digest
from migrator.app.reading.documents import seldom_collected
from migrator.app.reasons import in_words
from migrator.app.report.names import NameBook
from migrator.app.report.spool import Spool
from migrator.app.wiring import Workplace
from migrator.core.actions import Hold, HoldReason, Keep, KeepReason, Word
from migrator.core.listing import Fate
from migrator.core.model import Rejected, Seconds, SourceId, TargetEntry
from migrator.core.record import Deletion
from migrator.core.report.assess import Assessor
from migrator.core.report.billing import OpenBook, StatusBook
from migrator.core.report.figures import Beside, BookedTally
from migrator.core.report.line import Exceptional, RecordLine, Rule
from migrator.core.report.totals import Found, LedgerBook, People, Totals
from migrator.core.report.verdict import WAITING
from migrator.core.tally import Tally
from migrator.errors import BooksDoNotBalance, TryAgainLater
from migrator.store import inbox, reports, source, target
from migrator.store.engine import reading
from migrator.store.inbox import ItemKind, ItemState, SavedItem
from migrator.store.merge import Selection, count_selected, pages

_KINDS = {
    Word.HELD: ItemKind.HELD,
    Word.CONFLICTS: ItemKind.CONFLICT,
    Word.QUARANTINED: ItemKind.QUARANTINED,
    Word.REJECTED: ItemKind.REJECTED,
}
_NOT_ESTABLISHED = Hold(HoldReason.NOT_ESTABLISHED)
_EDITED = Keep(KeepReason.EDITED_IN_TARGET)
_UNSEEN = (Fate.UNSEEN, Fate.LOST, Fate.UNKNOWN)
_WRITTEN = {word.value: word for word in (Word.CREATED, Word.ADOPTED, Word.UPDATED)}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report covers: the run whose words it tells, and the records that it is about."""

    run_id: int
    selection: Selection
    as_of: date
    first_month: int
    now: datetime


@dataclass(slots=True)
class Gathered:
    """The sums of everything that was read for a report."""

    totals: Totals
    people: People
    ledger: LedgerBook
    found: Found
    open_hours: OpenBook
    years: StatusBook
    names: NameBook
    beside: Beside
    stand_ins: dict[SourceId, BookedTally] = field(default_factory=dict)
    exceptions: dict[str, Tally] = field(default_factory=dict)
    unplaced: Tally = field(default_factory=Tally)
    closed: bool = True
    """Whether the lines hold all that MOCO has of ours; known for a report on everything only."""


def gather(place: Workplace, scope: Scope, spool: Spool) -> Gathered:
    """Decide every record offline, and count and keep what it contributes.

    Raises `TryAgainLater` when something was read or written meanwhile, `BooksDoNotBalance` when a record or a
    second of ActiveCollab is not in the sums.
    """
    with reading(place.engine) as session:
        before = reports.stamp(session)
        there = target.load_target_masters(session)
    decider = load_decider(place, there)
    gatherer = _Gatherer(place, scope, decider, spool)
    gatherer.records()
    gatherer.orphans()
    gatherer.rejects()
    gatherer.booked_by_others()
    with reading(place.engine) as session:
        if reports.stamp(session) != before:
            raise TryAgainLater(
                "something was read or written while the report was made, so its sides would not belong together",
                hint="run `migrator report` again when no other run is under way",
            )
    gatherer.balance()
    spool.finish()
    return gatherer.book


class _Gatherer:
    def __init__(self, place: Workplace, scope: Scope, decider: Decider, spool: Spool) -> None:
        self._place, self._scope, self._decider, self._spool = place, scope, decider, spool
        policy = place.config.policy
        self._assessor = Assessor(
            policy.rounding, policy.rounding_in_moco.value == "accept", place.config.moco.url.rstrip("/")
        )
        self.book = Gathered(
            totals=Totals(),
            people=People(),
            ledger=LedgerBook(),
            found=Found(),
            open_hours=OpenBook(scope.as_of),
            years=StatusBook(scope.first_month),
            names=NameBook(decider),
            beside=Beside(Tally(), Tally(), Tally(), Tally(), 0, Tally()),
        )
        self._source_seconds = self._records = self._stored = self._unseen = 0

    # -- what is read --------------------------------------------------------------------------------------------

    def records(self) -> None:
        """Every selected record."""
        scope = self._scope
        with self._place.progress.phase("reporting", None) as bar, seldom_collected():
            for page in pages(self._place.engine, scope.run_id, selection=scope.selection):
                decided = [self._decider.decide(merged, None) for merged in page]
                waiting = self._waiting_items(decided)
                kept: list[RecordLine] = []
                for each in decided:
                    kept += self._lines(each, waiting)
                self._spool.add(kept)
                self._spool.add_waiting(self._exceptions(kept, waiting))
                bar.advance(len(page))

    def orphans(self) -> None:
        """Activities that carry a marker of ours while no record stands behind it; a selection of records has none."""
        selection, after = self._scope.selection, 0
        while selection.is_of_days:
            with reading(self._place.engine) as session:
                page = target.orphan_markers(session, after=after)
            if not page:
                return
            lines = [self._orphan(entry) for entry in page if _within(entry.booking.day, selection)]
            self._spool.add(lines)
            after = page[-1].id

    def rejects(self) -> None:
        """What cannot be used and has no older copy: nobody can say whose it is, and of which month."""
        if not self._scope.selection.is_whole:
            return
        with reading(self._place.engine) as session:
            found = source.unstaged_rejects(session)
            by_id = inbox.standing_items_of(session, [each.source_id for each in found if each.source_id is not None])
            by_place = inbox.standing_items_at(session, [str(each.origin) for each in found if each.source_id is None])
        for each in found:
            self.book.unplaced.add(each.seconds)
            self.book.found.words.setdefault(Word.REJECTED, Tally()).add(each.seconds)
        items = [
            by_place.get(str(each.origin)) if each.source_id is None else by_id.get(each.source_id) for each in found
        ]
        waiting = (
            _rejected(each, item, self._scope.now)
            for each, item in zip(found, items, strict=True)
            if item is None or item.state is ItemState.OPEN
        )
        self._spool.add_waiting(self._tallied(waiting))

    def booked_by_others(self) -> None:
        """Open time that people booked in MOCO themselves."""
        if not self._scope.selection.is_whole:
            return
        with reading(self._place.engine) as session:
            found = reports.open_of_others(session, self._scope.as_of)
        for project_id, seconds in found.items():
            self.book.open_hours.add_booked(self.book.names.customer_in_moco(project_id), seconds)

    def balance(self) -> None:
        """Check the lines against what the database itself counts, on both sides."""
        selection = self._scope.selection
        with reading(self._place.engine) as session:
            records, seconds = count_selected(session, selection)
            ours = reports.seconds_of_ours(session)
        if (records, seconds) != (self._records, self._source_seconds):
            raise BooksDoNotBalance(
                f"the report does not balance: {records:,} records of {seconds:,} seconds were read from "
                f"ActiveCollab, {self._records:,} of {self._source_seconds:,} are in it",
                hint="report this with the output of `migrator verify`",
            )
        self.book.closed = not selection.is_whole or self._stored == ours + self._unseen

    # -- what becomes of it --------------------------------------------------------------------------------------

    def _lines(self, decided: Decided, waiting: Mapping[SourceId, SavedItem]) -> Sequence[RecordLine]:
        merged, entry = decided.merged, decided.merged.entry
        names = self.book.names.of_entry(entry)
        done = _WRITTEN.get(merged.done)
        wanted = decided.wanted
        belongs = wanted.booking.project_id if wanted is not None else None
        line, *copies = self._assessor.lines(
            *(entry, decided.source, merged.link, decided.target, decided.action, names, done),
            placed=lambda project_id: self.book.names.elsewhere(project_id, entry.project_id, project_id == belongs),
        )
        item = waiting.get(entry.id)
        if item is not None and decided.action == _NOT_ESTABLISHED:
            # What MOCO refused while it was written waits too, though nothing but the inbox remembers why.
            new = item.new
            line = replace(line, word=_word(item), reason=new.reason, detail=new.message, rule=Rule.WAITS)
            line = replace(line, difference=None, explained=True)
        deleted = decided.source.deletion is Deletion.PROVED
        for each in (line, *copies):
            self._enter(each, deleted=deleted)
        self._records += 1
        self._source_seconds += entry.seconds
        if line.activity_id is not None and merged.linked is None and not merged.gone and merged.link is not None:
            self._unseen += line.stored
        self._beside(decided)
        if line.stand_in and line.activity_id is not None and entry.user_id is not None:
            self.book.stand_ins.setdefault(entry.user_id, BookedTally()).add(line.read, line.stored)
        return (line, *copies)

    def _orphan(self, activity: TargetEntry) -> RecordLine:
        names, project_id = self.book.names.of_activity(activity)
        line = self._assessor.orphan(activity, names, project_id)
        self._enter(line, deleted=False)
        return line

    def _enter(self, line: RecordLine, *, deleted: bool) -> None:
        book = self.book
        book.totals.add(line)
        book.people.add(line)
        book.ledger.add(line)
        book.found.add(line)
        book.open_hours.add(line, deleted=deleted)
        book.years.add(line)
        self._stored += line.stored

    def _beside(self, decided: Decided) -> None:
        merged, beside = decided.merged, self.book.beside
        seconds = decided.source.seconds
        if merged.entry.private or merged.fate is Fate.INVISIBLE:
            beside.invisible.add(seconds)
        if merged.entry.trashed or merged.fate is Fate.TRASHED:
            beside.trashed.add(seconds)
        elif merged.fate is Fate.DELETED:
            beside.deleted.add(seconds)
        elif merged.fate in _UNSEEN:
            beside.unseen.add(seconds)
        if decided.action == _EDITED:
            beside.edited_in_target.add(seconds)

    # -- what waits ----------------------------------------------------------------------------------------------

    def _waiting_items(self, decided: Iterable[Decided]) -> dict[SourceId, SavedItem]:
        ids = [each.source.key.id for each in decided if not isinstance(each.action, Keep)]
        if not ids:
            return {}
        with reading(self._place.engine) as session:
            return inbox.standing_items_of(session, ids)

    def _exceptions(self, lines: Iterable[RecordLine], items: Mapping[SourceId, SavedItem]) -> Iterator[Exceptional]:
        now = self._scope.now
        waiting = (
            _exceptional(line, items.get(line.source_id), now)
            for line in lines
            if line.source_id is not None and line.word in WAITING and not _accepted(items.get(line.source_id), line)
        )
        return self._tallied(waiting)

    def _tallied(self, waiting: Iterable[Exceptional]) -> Iterator[Exceptional]:
        for each in waiting:
            self.book.exceptions.setdefault(each.kind, Tally()).add(each.seconds)
            yield each


def _accepted(item: SavedItem | None, line: RecordLine) -> bool:
    """Whether a person accepted that the record stays as it is."""
    return (
        item is not None
        and item.state is ItemState.ACCEPTED
        and line.word is not None
        and item.new.kind is _KINDS[line.word]
    )


def _within(day: date, selection: Selection) -> bool:
    return (selection.day_from is None or day >= selection.day_from) and (
        selection.day_to is None or day <= selection.day_to
    )


def _word(item: SavedItem) -> Word:
    return next(word for word, kind in _KINDS.items() if kind is item.new.kind)


def _exceptional(line: RecordLine, item: SavedItem | None, now: datetime) -> Exceptional:
    assert line.word is not None
    kind = _KINDS[line.word]
    known = item if item is not None and item.new.kind is kind else None
    # Without a number nothing can be decided, so that no meaning is promised.
    meaning = meaning_of(known.new) if known is not None else None
    return Exceptional(
        id=f"i{known.id}" if known is not None else "",
        kind=kind.value,
        source_id=line.source_id,
        activity_id=line.activity_id,
        customer=line.customer,
        project=line.project,
        person=line.person,
        day=line.day,
        seconds=line.read,
        reason=line.reason,
        message=known.new.message if known is not None else in_words(line.reason, line.detail),
        since=known.since if known is not None else now,
        keep_source=meaning.source if meaning is not None and meaning.possible else "",
        keep_target=meaning.target if meaning is not None else "",
        source_url=line.source_url,
        target_url=line.target_url,
        digest=shown_digest(known) if known is not None else "",
    )


def _rejected(each: Rejected, item: SavedItem | None, now: datetime) -> Exceptional:
    return Exceptional(
        id=f"i{item.id}" if item is not None else "",
        kind=ItemKind.REJECTED.value,
        source_id=each.source_id,
        activity_id=None,
        customer="",
        project="",
        person="",
        day=None,
        seconds=Seconds(each.seconds),
        reason=item.new.reason if item is not None else each.field,
        message=each.message,
        since=item.since if item is not None else now,
        keep_source="",
        keep_target=meaning_of(item.new).target if item is not None else "",
        source_url="",
        target_url="",
        digest=shown_digest(item) if item is not None else "",
    )
