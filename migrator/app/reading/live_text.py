"""What a reading of a running ActiveCollab says of itself: which projects are proved whole, what vanished, the cost."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.app.reading.live_book import LiveBook, ProjectCount
from migrator.core.duration import format_hours
from migrator.core.listing import Due, Fate

MOST_PROJECTS = 40
"""Projects shown in the text, those that are not whole first; the JSON answer carries them all."""

_FATES = {
    Fate.TRASHED: "in ActiveCollab's trash",
    Fate.DELETED: "deleted in ActiveCollab, which is proved",
    Fate.INVISIBLE: "not visible any more, which is no deletion",
    Fate.LOST: "missing, and so many at once that a person must say that it is right",
    Fate.UNSEEN: "not listed any more, but nothing proves a deletion",
    Fate.UNKNOWN: "not listed any more, and asking told nothing",
}


def live_sentence(live: LiveBook) -> str:
    """The verdict: complete, or what is not."""
    listed = [each for each in live.projects if each.due is not Due.NOTHING]
    broken = [each for each in listed if each.problem]
    if broken or live.problems:
        names = ", ".join(_name(each) for each in broken[:3]) + (", …" if len(broken) > 3 else "")
        which = f"{len(broken):,} of {len(listed):,} projects were not read completely ({names})" if broken else ""
        other = "not every list of people, tasks or projects was read completely" if not broken else ""
        return f"{_capital(which or other)}; nothing counts as deleted until they are."
    if live.needs_a_person:
        count = sum(live.fates[fate] for fate in (Fate.LOST, Fate.UNKNOWN, Fate.INVISIBLE))
        hidden = f" {len(live.unlisted):,} known projects are not shown any more." if live.unlisted else ""
        return (
            f"All {len(listed):,} projects that were due were read completely, but {_records(count)} known before "
            f"{'is' if count == 1 else 'are'} missing without proof of a deletion.{hidden}"
        )
    if len(listed) < len(live.projects):
        return f"{len(listed):,} of {len(live.projects):,} projects were due and read completely."
    return f"All {len(live.projects):,} projects were read completely."


def live_lines(live: LiveBook) -> list[str]:
    """The projects with their hours, what vanished, and what it cost."""
    lines = [_cost(live)]
    lines += _table(live.projects)
    lines += [f"  {_records(live.fates[fate])}: {told}." for fate, told in _FATES.items() if live.fates[fate]]
    for project_id, records in live.unlisted.items():
        lines.append(
            f"  Project {project_id} is not listed any more; what it holds stays as it is ({_records(records)}): "
            "not visible is not deleted. Until a person says that it is right (`migrator sync --allow-gate "
            "max_source_loss`) nothing else counts as deleted: it may have been moved there."
        )
    if live.source_loss:
        lines.append(f"  {_capital(live.source_loss)}.")
    return lines


def live_document(live: LiveBook) -> dict[str, object]:
    """The same for programs."""
    return {
        "generation": live.generation.value,
        "complete": not live.problems,
        "needs_a_person": live.needs_a_person,
        "out_of_reach": live.out_of_reach,
        "requests_needed": live.requests_needed,
        "eta_seconds": live.eta_seconds,
        "projects": [
            {
                "id": each.id,
                "name": each.name,
                "archived": each.archived,
                "listed": each.due.value,
                "records": each.records,
                "seconds": each.seconds,
                "rejects": each.rejects,
                "complete": each.whole,
                "problem": each.problem,
            }
            for each in live.projects
        ],
        "vanished": {fate.value: live.fates[fate] for fate in _FATES},
        "vanished_now": {name: live.news[name] for name in (*(fate.value for fate in _FATES), "listed_again")},
        "unlisted_projects": [{"id": id_, "records": records} for id_, records in live.unlisted.items()],
        "source_loss": live.source_loss,
    }


def _table(projects: Sequence[ProjectCount]) -> list[str]:
    shown = sorted(projects, key=lambda each: (not each.problem, each.due is Due.NOTHING, -each.seconds, each.id))
    rows = [(_name(each), f"{each.records:,}", format_hours(each.seconds), _state(each)) for each in shown]
    rows, rest = rows[:MOST_PROJECTS], len(rows) - MOST_PROJECTS
    widths = [max(len(row[at]) for row in rows) for at in range(3)] if rows else [0, 0, 0]
    lines = [
        f"  {name:<{widths[0]}}  {records:>{widths[1]}} records  {hours:>{widths[2]}} h  {state}"
        for name, records, hours, state in rows
    ]
    return lines + ([f"  … and {rest:,} more projects: `migrator read --json`"] if rest > 0 else [])


def _state(each: ProjectCount) -> str:
    if each.problem:
        return f"NOT COMPLETE: {each.problem}"
    return {Due.WHOLE: "complete", Due.RECENT: "recent days", Due.NOTHING: "not due"}[each.due]


def _name(each: ProjectCount) -> str:
    return f"{each.name or 'project'} ({each.id}{', archived' if each.archived else ''})"


def _cost(live: LiveBook) -> str:
    sent = sum(live.requests.values())
    return f"ActiveCollab (generation {live.generation.value}) was asked {sent:,} requests."


def _records(count: int) -> str:
    return f"{count:,} {'record' if count == 1 else 'records'}"


def pace_words(seconds: int) -> str:
    """A duration as a person says it."""
    if seconds < 90:
        return "about a minute" if seconds > 30 else "less than a minute"
    return f"about {round(seconds / 60):,} minutes" if seconds < 5400 else f"about {seconds / 3600:.1f} hours"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
