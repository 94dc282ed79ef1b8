"""What a run enters for each decided record: a plan's rows, or work to do, words, and what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from migrator.app.deciding import Decided, Decider
from migrator.app.provision.needs import Needs
from migrator.app.reasons import in_words
from migrator.app.sampling import SampleBook
from migrator.app.wiring import Workplace
from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    ConflictReason,
    Create,
    Hold,
    HoldReason,
    Keep,
    KeepReason,
    Quarantined,
    Rebook,
    Skip,
    Update,
    Withdraw,
    Word,
)
from migrator.core.blocked import Blocked
from migrator.core.decide import conflict_digest, final_word
from migrator.core.fingerprint import digest, fingerprint
from migrator.core.ledger import Extra, Ledger
from migrator.core.model import Booking, SourceId, TimeEntry
from migrator.core.plan import PlanTotals, action_name
from migrator.core.reopening import Reopenable
from migrator.core.sides import entry_shown, present_side, side_of
from migrator.store import inbox, links, plans, rulings, work
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, NewItem
from migrator.store.links import NewLink
from migrator.store.plans import PlannedAction
from migrator.store.work import Need, WorkItem

Writes = Create | Adopt | Update | Withdraw | Rebook


def reason_of(action: Action) -> tuple[str, str]:
    """Why, as a constant and in words."""
    match action:
        case Hold(reason=hold, detail=detail):
            return hold.value, detail
        case Conflict(reason=conflict, detail=detail):
            return conflict.value, detail
        case Skip(reason=skip):
            return skip.value, ""
        case Keep(reason=keep):
            return keep.value, ""
        case Quarantined(words=words):
            return "REFUSED", words
        case _:
            return "", ""


@dataclass(slots=True)
class Preview:
    """Adds up what a run would do, and keeps nothing else of it."""

    decider: Decider
    totals: PlanTotals = field(default_factory=PlanTotals)

    def restart(self) -> None:
        """Forget everything taken so far."""
        self.totals = PlanTotals()

    def take(self, decided: Sequence[Decided]) -> None:
        """Enter a page of records."""
        for each in decided:
            self.totals.add(each.action, each.merged.entry, self.decider.labels(each), each.payload)


@dataclass(slots=True)
class PlanBook:
    """Saves what a plan intends; records that stay as they are leave no row."""

    place: Workplace
    decider: Decider
    plan_id: int
    totals: PlanTotals = field(default_factory=PlanTotals)
    needs: Needs = field(default_factory=Needs)
    shut: Reopenable = field(default_factory=Reopenable)
    """What is to be opened for the writes, and shut again."""
    blocked: Blocked = field(default_factory=Blocked)
    samples: SampleBook = field(init=False)

    def __post_init__(self) -> None:
        self.samples = SampleBook(self.decider)

    def restart(self) -> None:
        """Forget everything taken so far."""
        self.totals, self.blocked = PlanTotals(), Blocked()
        self.samples.restart()
        with writing(self.place.engine) as session:
            plans.drop_actions(session, self.plan_id)

    def take(self, decided: Sequence[Decided]) -> None:
        """Enter a page of records."""
        rows = []
        for each in decided:
            self.totals.add(each.action, each.merged.entry, self.decider.labels(each), each.payload)
            if isinstance(each.action, Writes):
                self.needs.note(each)
                self.shut = self.shut.and_also(self.decider.reopenable.needed_for(each.action))
            reason, detail = reason_of(each.action)
            self.blocked.add(action_name(each.action), reason, each.source.key.id, each.source.seconds)
            self.samples.take(each, reason, detail)
            if not isinstance(each.action, Keep):
                rows.append(
                    PlannedAction(
                        source_id=each.source.key.id,
                        action=action_name(each.action),
                        seconds=each.source.seconds,
                        reason=reason,
                        detail=detail,
                        payload=each.payload,
                    )
                )
        with writing(self.place.engine) as session:
            plans.add_actions(session, self.plan_id, rows)


@dataclass(slots=True)
class WorkBook:
    """Queues what a run writes, counts what is final at once, and fills the inbox."""

    place: Workplace
    decider: Decider
    run_id: int
    planned: Callable[[Sequence[SourceId]], dict[SourceId, PlannedAction]] | None = None
    """What a plan intended for some records; None when the run decides for itself."""
    ledger: Ledger = field(default_factory=Ledger)
    totals: PlanTotals = field(default_factory=PlanTotals)
    changed: list[SourceId] = field(default_factory=list)
    """The first records whose action is no longer what the plan said."""

    def restart(self) -> None:
        """Forget everything taken so far."""
        self.ledger, self.totals = Ledger(), PlanTotals()
        with writing(self.place.engine) as session:
            work.drop_unfinished(session, self.run_id)

    def take(self, decided: Sequence[Decided]) -> None:
        """Enter a page of records; what this run did already keeps its word."""
        open_still = [each for each in decided if not each.merged.done]
        planned = self.planned([each.source.key.id for each in open_still]) if self.planned else None
        rows: list[WorkItem] = []
        waiting: list[NewItem] = []
        now = self.place.clock.now()
        with writing(self.place.engine) as session:
            for each in open_still:
                action = each.action if planned is None else self._as_planned(each, planned)
                self.totals.add(action, each.merged.entry, self.decider.labels(each), each.payload)
                match action:
                    case Create() if _is_second_half(each, action, planned):
                        rows.append(replace(new_work(each, action), reason=ConflictReason.WORKER_CHANGED.value))
                        continue
                    case Create() | Adopt() | Update() | Withdraw() | Rebook():
                        rows.append(new_work(each, action))
                        continue
                    case Keep(rebase=Booking() as common):
                        self._rebase(session, each, common)
                    case Skip(close_link=True):
                        links.close_link(session, each.source.key.id)
                if each.merged.ruling is not None and isinstance(action, Keep | Skip):
                    rulings.close_ruled(session, [each.source.key.id])
                self._count(action, each)
                waiting.extend(inbox_items(each, action))
            work.add_work(session, self.run_id, rows)
            inbox.sync_inbox(session, self.run_id, waiting, now)

    def _rebase(self, session: Session, each: Decided, common: Booking) -> None:
        """Both sides came to the same values by themselves: remember them as the common ones."""
        link, entry = each.merged.link, each.merged.linked
        if link is not None and entry is not None:
            rebased = NewLink(each.source.key.id, common, entry, link.disregarded)
            links.put_links(session, [rebased], self.run_id, self.place.clock.now())

    def _as_planned(self, each: Decided, planned: dict[SourceId, PlannedAction]) -> Action:
        """A write that the plan did not intend exactly so is not done: somebody must look first."""
        intended = planned.get(each.source.key.id)
        name = action_name(each.action)
        intended_name = intended.action if intended else "keep"
        same = name == intended_name or _is_second_half(each, each.action, planned)
        if same and (intended is None or intended.payload == each.payload):
            return each.action
        if len(self.changed) < 20 and name != intended_name:
            self.changed.append(each.source.key.id)
        if isinstance(each.action, Writes):
            return Hold(HoldReason.PLAN_CHANGED, f"the plan says {intended_name}, but now it would be {name}")
        return each.action

    def _count(self, action: Action, each: Decided) -> None:
        self.ledger.count(final_word(action), each.source.seconds)
        match action:
            case Keep(reason=KeepReason.UNSEEN):
                self.ledger.extras[Extra.UNSEEN] += 1
            case Keep(reason=KeepReason.EDITED_IN_TARGET):
                self.ledger.extras[Extra.EDITED_IN_TARGET] += 1

    def books(self, *, rejects: Iterable[int]) -> Ledger:
        """The books as they stand: what was final at once, the queue by word, and unstaged rejects."""
        books = Ledger()
        books.extras.update(self.ledger.extras)
        for word in Word:
            books.count(word, self.ledger.seconds(word), self.ledger.records(word))
        with reading(self.place.engine) as session:
            queued = work.words(session, self.run_id)
            withdrawn = work.count_done(session, self.run_id, "withdraw", Word.SKIPPED)
        for queued_word, (records, seconds) in queued.items():
            books.count(queued_word or Word.PENDING, seconds, records)
        for rejected in rejects:
            books.count(Word.REJECTED, rejected)
        books.extras[Extra.WITHDRAWN] += withdrawn
        return books


def _is_second_half(each: Decided, action: Action, planned: dict[SourceId, PlannedAction] | None) -> bool:
    """Whether a create is the rest of a changed worker whose withdrawal this plan has done already."""
    intended = planned.get(each.source.key.id) if planned else None
    return isinstance(action, Create) and intended is not None and intended.action == "rebook"


def new_work(each: Decided, action: Writes) -> WorkItem:
    """One write in the queue of a run."""
    target = None if isinstance(action, Create) else action.target
    wanted = None if isinstance(action, Withdraw) else each.wanted
    needs = set()
    if wanted is not None and wanted.needs_task:
        needs.add(Need.TASK)
    if wanted is not None and wanted.needs_contract:
        needs.add(Need.CONTRACT)
    return WorkItem(
        source_id=each.source.key.id,
        write=action_name(action),
        booking=action.target.booking if isinstance(action, Withdraw) else action.wanted,
        seconds=each.source.seconds,
        activity_id=target.id if target else None,
        target=target.booking if target else None,
        task_name=wanted.task_name if wanted else "",
        needs=frozenset(needs),
    )


def inbox_items(each: Decided, action: Action) -> Iterable[NewItem]:
    """What waits for a person because of an action; nothing where no person is needed."""
    reason, detail = reason_of(action)
    entry, wanted = each.merged.entry, each.wanted
    accepted = waiting_digest(
        reason, wanted.booking if wanted else None, [entry.text, entry.seconds, entry.day.isoformat()]
    )
    match action:
        case Hold(reason=HoldReason.UNSETTLED | HoldReason.NOT_ESTABLISHED):
            return
        case Hold(reason=HoldReason.REJECTED):
            kind = ItemKind.REJECTED
            accepted = digest([detail])
        case Hold():
            kind = ItemKind.HELD
        case Conflict():
            kind = ItemKind.CONFLICT
            accepted = conflict_digest(action, each.source, each.target)
        case Quarantined():
            kind = ItemKind.QUARANTINED
        case _:
            return
    present = entry_shown(each.merged.link, each.target)
    yield NewItem(
        kind=kind,
        source_id=each.source.key.id,
        activity_id=present.id if present else None,
        place=str(each.merged.origin),
        reason=reason,
        message=in_words(reason, detail) + _came_back(each, action),
        digest=accepted,
        source=as_json(source_side(entry, wanted.booking if wanted else None)),
        target=as_json(present_side(present) if present else None),
    )


def _came_back(each: Decided, action: Action) -> str:
    """A person decided about it, and it stands here again: why."""
    if each.merged.ruling is None or not isinstance(action, Conflict) or action.reason is ConflictReason.REFUSED:
        return ""
    return "; it changed since a person decided for ActiveCollab, so nothing was written"


def waiting_digest(reason: str, booking: Booking | None, content: list[str | int]) -> str:
    """What a person accepts with something that waits: it comes back when its reason or its content changes."""
    return digest([reason, fingerprint(booking) if booking else content])


def source_side(entry: TimeEntry, wanted: Booking | None) -> dict[str, object]:
    """The source's side of an inbox item in ActiveCollab's ids, and in `wanted` what it would be in MOCO."""
    return {
        "date": entry.day.isoformat(),
        "seconds": entry.seconds,
        "user_id": entry.user_id,
        "project_id": entry.project_id,
        "description": wanted.description if wanted else entry.text,
        "billing": int(entry.billing),
        "wanted": side_of(wanted) if wanted else None,
    }


def as_json(side: object) -> str:
    """One side of an inbox item as the database keeps it."""
    return json.dumps(side, ensure_ascii=False)
