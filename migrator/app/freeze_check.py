"""`freeze-check`: what was booked in ActiveCollab after the freeze, as far as it was read; talks to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from migrator.app.answer import Answer
from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.mapping import SourceMasters
from migrator.core.model import SourceId
from migrator.core.tally import Tally
from migrator.errors import ExitCode, TryAgainLater
from migrator.store import freeze as late
from migrator.store.engine import reading
from migrator.store.freeze import Freeze, Late, Share
from migrator.store.source_masters import load_masters

LISTED = 1000
SHOWN = 20

_WHY: Mapping[str, str] = {
    "booked": "booked after it",
    "changed": "changed after it",
    "vanished": "no longer listed in a later reading",
    "appeared": "appeared or became different in a later reading",
    "dated": "dated behind it, though booked before",
}


def check_freeze(place: Workplace, since: datetime) -> Answer:
    """Look for records behind `since`, a local time in `schedule.timezone`; exit 4 when there are some.

    Raises `TryAgainLater` when ActiveCollab was not read since, so that nothing can be concluded.
    """
    zone = ZoneInfo(place.config.schedule.timezone)
    local = since.replace(tzinfo=zone)
    moment = local.astimezone(UTC)
    with reading(place.engine) as session:
        read_since, last = late.readings(session, moment), late.last_reading(session)
        if not read_since or last is None:
            told = f"last read {_clock(last.started_at, zone)}" if last else "never read"
            raise TryAgainLater(
                f"ActiveCollab was {told}, not after the freeze of {_clock(moment, zone)}: nothing can be concluded",
                hint="`migrator read`, then `migrator freeze-check` again",
            )
        frozen = Freeze(moment, _first_day(local), read_since[0].run)
        document = _document(session, frozen)
        unread, whole = late.projects_unread(session, moment), late.read_whole_since(session)
    # A sync leaves idle projects out: of them only older readings tell.
    read_at = min(last.started_at, whole) if whole else last.started_at
    records, seconds = document["records"], document["seconds"]
    assert isinstance(records, int)
    assert isinstance(seconds, int)
    code = ExitCode.DIFFERENCES if records else ExitCode.TRY_AGAIN if unread else ExitCode.DONE
    many = Tally(records, seconds)
    found = f"{many} {'was' if records == 1 else 'were'} booked or changed" if records else "Nothing was booked"
    document = {
        "schema": "migrator.freeze-check/1",
        "verdict": f"{found} in ActiveCollab after the freeze of {_clock(moment, zone)}, as far as it was read.",
        "since": local.isoformat(),
        "last_read": read_at.isoformat(),
        "last_read_run": last.run,
        "from_files": not place.config.activecollab.url,
        "projects_unread": unread,
        **document,
        "exit_code": int(code),
    }
    return Answer("\n".join(_text(document, read_at, place.clock.now(), zone)), document, code)


def _first_day(local: datetime) -> date:
    """The first day that lies wholly behind the freeze: its own, when it begins with it."""
    return local.date() if local.time() == time(0) else local.date() + timedelta(days=1)


def _document(session: Session, frozen: Freeze) -> dict[str, object]:
    masters = load_masters(session)
    by_why = late.sum_late(session, frozen)
    people, projects = late.late_by_person(session, frozen), late.late_by_project(session, frozen)
    return {
        "records": sum(records for records, _ in by_why.values()),
        "seconds": sum(seconds for _, seconds in by_why.values()),
        "why": {why: Tally(*by_why[why]).as_json() for why in _WHY if why in by_why},
        "by_person": [_share(each, _person(masters, each.id, each.name)) for each in people],
        "by_project": [_share(each, _project(masters, each.id)) for each in projects],
        "found": [_shown(masters, each) for each in late.list_late(session, frozen, LISTED)],
        "rejects": late.count_late_rejects(session, frozen),
        "untold": late.count_untold(session, frozen),
    }


def _person(masters: SourceMasters, id_: int | None, written: str) -> str:
    known = masters.users.get(SourceId(id_)) if id_ is not None else None
    return (known.name if known else "") or written or (f"person {id_}" if id_ is not None else "without an account")


def _project(masters: SourceMasters, id_: int | None) -> str:
    known = masters.projects.get(SourceId(id_)) if id_ is not None else None
    return (known.name if known else "") or f"project {id_}"


def _share(each: Share, name: str) -> dict[str, object]:
    return {"id": each.id, "name": name, "records": each.records, "seconds": each.seconds}


def _shown(masters: SourceMasters, each: Late) -> dict[str, object]:
    return {
        "source_id": each.source_id,
        "why": each.why,
        "person": _person(masters, each.user_id, each.worker_name),
        "project": _project(masters, each.project_id),
        "day": each.day.isoformat(),
        "seconds": each.seconds,
        "created_on": each.created_on.isoformat() if each.created_on else None,
        "updated_on": each.updated_on.isoformat() if each.updated_on else None,
    }


def _text(document: Mapping[str, object], read_at: datetime, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    yield str(document["verdict"])
    why, found = document["why"], document["found"]
    assert isinstance(why, dict)
    assert isinstance(found, list)
    yield from (f"  {Tally(**tally)} {_WHY[word]}" for word, tally in why.items())
    for title, key in (("person", "by_person"), ("project", "by_project")):
        rows = document[key]
        assert isinstance(rows, list)
        yield from _table(title, rows)
    if found:
        yield ""
    for row in found[:SHOWN]:
        hours = format_hours(row["seconds"])
        record = f"  record {row['source_id']:>8}  {row['day']}  {hours:>8} h  {row['why']:<9}"
        yield f"{record} {row['person']}, {row['project']}"
    if len(found) > SHOWN:
        yield "  … and more with --json"
    yield from _limits(document, read_at, now, zone)


def _table(title: str, rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"  {'records':>9}  {'hours':>10}  {title}"
    for row in rows[:SHOWN]:
        yield f"  {row['records']:>9,}  {format_hours(int(str(row['seconds']))):>10}  {row['name']}"
    if len(rows) > SHOWN:
        yield f"  … and {len(rows) - SHOWN} more with --json"


def _limits(document: Mapping[str, object], read_at: datetime, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """How far the answer reaches."""
    if document["rejects"]:
        yield f"{document['rejects']} records that cannot be used were written after it: `migrator inbox list`."
    if document["untold"]:
        yield (
            f"Of {document['untold']} records, which the first reading after it showed first, "
            "ActiveCollab tells no time: they may be older."
        )
    if document["projects_unread"]:
        yield (
            f"{document['projects_unread']} projects were not read since, because a sync reads idle ones rarely: "
            "`migrator read` reads all."
        )
    if document["from_files"]:
        yield "It was read from saved answers: what they say is as old as they are, whenever they were read."
    ago = max(0, round((now - read_at).total_seconds() / 60))
    yield (
        f"ActiveCollab was last read as a whole {_clock(read_at, zone)}, {ago:,} minutes ago; what was booked since "
        "then shows only after another `migrator read`."
    )


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    # Said with its zone: `runs list` tells UTC, and an hour off answers another question.
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
