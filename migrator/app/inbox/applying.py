"""`inbox resolve --from`: applies what a person wrote into the exceptions of a report, all of it or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import assert_never

from sqlalchemy.orm import Session

from migrator.app import obstacles
from migrator.app.answer import Answer
from migrator.app.inbox.judging import Judge
from migrator.app.inbox.meanings import meaning_of
from migrator.app.inbox.sheet import Filled, Said, Wrong, read_sheets
from migrator.app.inbox.show import shown_digest
from migrator.app.inbox.workbook import opened
from migrator.app.operator import operator
from migrator.app.report.wording_sheets import DISPOSITIONS, Disposition
from migrator.app.wiring import Workplace
from migrator.errors import ExitCode, RefusedByGate
from migrator.store import account, inbox, refusals, rulings
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, ItemState, SavedItem

SHOWN = 50


@dataclass(slots=True)
class _Judged:
    """The rows of a file against the inbox."""

    to_do: list[tuple[Said, SavedItem]] = field(default_factory=list)
    before: list[Said] = field(default_factory=list)
    """Applied by an earlier reading of the same row."""
    settled: list[Said] = field(default_factory=list)
    """Of what waits no longer."""


def resolve_from(place: Workplace, path: Path, *, dry_run: bool) -> Answer:
    """Apply each row that a person filled in, as `inbox resolve`, `accept` and `retry` would.

    Nothing is applied unless every such row is understood and its item is as it was shown. What was applied before
    is left alone. Raises `UsageError` when the file is no workbook.
    """
    with opened(path) as sheets:
        filled = read_sheets(sheets, place.clock.today())
    judged, wrong = _judge(place, filled.said)
    filled.wrong += wrong
    if filled.wrong:
        return _refusal(path, filled)
    if not dry_run:
        _apply(place, path, judged.to_do)
    return _answer(path, filled, judged, dry_run=dry_run)


def _judge(place: Workplace, said: Sequence[Said]) -> tuple[_Judged, list[Wrong]]:
    judged, wrong, judge = _Judged(), [], Judge(place)
    for each in said:
        with reading(place.engine) as session:
            item = inbox.item(session, each.item)
            before = account.fact(session, _fact(each)) == _mark(each)
        if before:
            judged.before.append(each)
        elif item is None:
            wrong.append(Wrong(each.where, f"the inbox has no item i{each.item}", "an item of this database"))
        elif shown_digest(item) != each.digest:
            told = f"i{each.item} is no longer as the report showed it"
            wrong.append(Wrong(each.where, told, f"a new report, or `migrator inbox show i{each.item}`", changed=True))
        elif item.state is ItemState.CLOSED:
            judged.settled.append(each)
        elif item.state is not ItemState.OPEN:
            told = f"i{each.item} was decided already: {item.accepted_note}"
            wrong.append(Wrong(each.where, told, "an item that still waits", changed=True))
        elif objection := _objection(each, item, judge):
            wrong.append(objection)
        else:
            judged.to_do.append((each, item))
    return judged, wrong


def _objection(said: Said, item: SavedItem, judge: Judge) -> Wrong | None:
    """Why a word has no meaning for an item, or leads to nothing."""
    meaning, source_id = meaning_of(item.new), item.new.source_id
    match said.disposition:
        case Disposition.KEEP_SOURCE:
            if not meaning.possible or source_id is None:
                return Wrong(
                    said.where, f"i{item.id} cannot be decided for ActiveCollab: {meaning.source}", "another word"
                )
            problem = "" if meaning.retries else judge.objection(item, source_id)
            if problem:
                told = f"i{item.id} cannot be decided for ActiveCollab now: {problem}"
                return Wrong(said.where, told, "keep target, or later", changed=True)
        case Disposition.RETRY:
            if source_id is None or not (meaning.retries or item.new.kind is ItemKind.HELD):
                return Wrong(
                    said.where, f"MOCO refused nothing about i{item.id} that could be tried again", "another word"
                )
        case Disposition.KEEP_TARGET | Disposition.ACCEPT | Disposition.LATER:
            pass
        case _:
            assert_never(said.disposition)
    return None


def _apply(place: Workplace, path: Path, to_do: Sequence[tuple[Said, SavedItem]]) -> None:
    """All of it in one transaction, and only while each item is as it was judged."""
    now = place.clock.now()
    with writing(place.engine) as session:
        for said, judged in to_do:
            item = inbox.item(session, said.item)
            if item is None or item.state is not ItemState.OPEN or shown_digest(item) != shown_digest(judged):
                raise RefusedByGate(
                    f"i{said.item} changed at this moment; nothing was applied", hint="run the command again"
                )
            _decide(session, said, item, _told(said, path, place.clock.today()), now)
            account.learn(session, _fact(said), _mark(said), now)


def _decide(session: Session, said: Said, item: SavedItem, note: str, now: datetime) -> None:
    ids = [] if item.new.source_id is None else [item.new.source_id]
    match said.disposition:
        case Disposition.KEEP_TARGET | Disposition.ACCEPT:
            inbox.accept(session, [item.id], note, now)
        case Disposition.KEEP_SOURCE:
            # Whoever decides anew wants MOCO to be asked anew, too.
            refusals.release(session, ids)
            if not meaning_of(item.new).retries:
                rulings.rule(session, item.id, note, now)
        case Disposition.RETRY:
            refusals.release(session, ids)
            obstacles.forget_all(session)
        case Disposition.LATER:
            pass
        case _:
            assert_never(said.disposition)


def _told(said: Said, path: Path, today: date) -> str:
    """Who decided, as the notes of the inbox begin; why; and from which file, of which day, by whom it was entered.

    Whoever wrote no day decided, as far as anybody knows, `today`.
    """
    origin = (said.day or today).isoformat(), path.name, f"entered by {operator()}"
    return f"{said.name}: {said.note or DISPOSITIONS[said.disposition][1]} ({', '.join(origin)})"


def _fact(said: Said) -> str:
    """Under which name the database keeps what was applied of an item."""
    return f"decided:i{said.item}"


def _mark(said: Said) -> str:
    """A digest of a row: the same row is applied once, whatever happens to its item afterwards."""
    day = said.day.isoformat() if said.day else ""
    whole = json.dumps([said.digest, said.disposition.value, said.name, day, said.note])
    return hashlib.sha256(whole.encode()).hexdigest()


# -- the answer ----------------------------------------------------------------------------------------------------


def _refusal(path: Path, filled: Filled) -> Answer:
    many = f"{len(filled.wrong):,} {'problem' if len(filled.wrong) == 1 else 'problems'}"
    verdict = f"{many} found in {path.name}; nothing was applied."
    code = ExitCode.GATE if any(each.changed for each in filled.wrong) else ExitCode.USAGE
    document: dict[str, object] = {
        "schema": "migrator.inbox.resolve/1",
        "verdict": verdict,
        "file": path.name,
        "applied": 0,
        "problems": [
            {"where": each.where, "problem": each.told, "expected": each.expected, "changed": each.changed}
            for each in filled.wrong
        ],
        "exit_code": int(code),
    }
    return Answer("\n".join([*map(str, filled.wrong), verdict]), document, code)


def _answer(path: Path, filled: Filled, judged: _Judged, *, dry_run: bool) -> Answer:
    done = len(judged.to_do)
    decisions = f"{done:,} {'decision' if done == 1 else 'decisions'}"
    verdict = f"{decisions} of {path.name} {'would be' if dry_run else 'were'} applied."
    document: dict[str, object] = {
        "schema": "migrator.inbox.resolve/1",
        "verdict": verdict,
        "file": path.name,
        "dry_run": dry_run,
        "applied": 0 if dry_run else done,
        "decisions": [_decision(said, item) for said, item in judged.to_do],
        "applied_before": [f"i{said.item}" for said in judged.before],
        "waits_no_longer": [f"i{said.item}" for said in judged.settled],
        "later": filled.later,
        "empty": filled.empty,
        "problems": [],
        "exit_code": int(ExitCode.DONE),
    }
    lines = [verdict, *(_line(said, item) for said, item in judged.to_do[:SHOWN])]
    if done > SHOWN:
        lines.append(f"  … and {done - SHOWN:,} more with --json")
    for told, some in (("applied before", judged.before), ("waits no longer", judged.settled)):
        if some:
            names = ", ".join(f"i{said.item}" for said in some[:SHOWN])
            lines.append(f"  {told}, left as it is: {names}{' …' if len(some) > SHOWN else ''}")
    if filled.later:
        lines.append(f"  {filled.later:,} put off until later")
    return Answer("\n".join(lines), document)


def _decision(said: Said, item: SavedItem) -> dict[str, object]:
    return {
        "id": f"i{item.id}",
        "source_id": item.new.source_id,
        "disposition": said.disposition.value,
        "meaning": _meaning(said, item),
        "name": said.name,
        "day": said.day.isoformat() if said.day else None,
        "note": said.note,
        "where": said.where,
    }


def _line(said: Said, item: SavedItem) -> str:
    return f"  i{item.id:<5} {DISPOSITIONS[said.disposition][1]:<12} {_meaning(said, item)}"


def _meaning(said: Said, item: SavedItem) -> str:
    match said.disposition:
        case Disposition.KEEP_SOURCE:
            return meaning_of(item.new).source
        case Disposition.KEEP_TARGET:
            return meaning_of(item.new).target
        case Disposition.ACCEPT:
            return "it is right as it is, until its source changes"
        case Disposition.RETRY:
            return "the next run asks MOCO once more"
        case Disposition.LATER:
            return ""
        case _:
            assert_never(said.disposition)
