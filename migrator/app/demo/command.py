"""`demo`: the whole story in one command, on a made-up agency with both services simulated; no account is needed."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.demo import chapters
from migrator.app.demo.stage import Stage, staged
from migrator.app.demo.story import Page, Story
from migrator.app.progress import Progress
from migrator.core.duration import format_hours
from migrator.errors import ExitCode

_MOST_HOURS = 5


def demo(
    progress: Progress,
    *,
    records: int = 2000,
    keep: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> Answer:
    """Play the story, and prove it by counting in the simulated MOCO itself.

    `tell` hears each piece as it happens, and the answer's text is the rest; without it the text is the whole story.
    Raises `UsageError` for too few records and for a folder that is not empty, `MigratorError` when anything that
    was counted is not as it should be.
    """
    story = Story(Page.of(sys.stdout), tell)
    book = chapters.Book()
    with staged(progress, records, keep) as stage:
        _begin(stage, story)
        chapters.read(stage, story, book)
        chapters.map_names(stage, story, book)
        chapters.plan(stage, story, book)
        chapters.apply(stage, story, book)
        chapters.plan_again(stage, story, book)
        meanwhile = chapters.life_goes_on(stage, story)
        chapters.sync_both(stage, story, book, meanwhile)
        verdict = chapters.verify_all(stage, story, book)
        chapters.report(stage, story, book)
        hours = _hours_by_person(stage)
        _end(stage, story, hours)
        return Answer(story.untold, _document(stage, book, verdict, hours))


def _begin(stage: Stage, story: Story) -> None:
    facts = stage.agency.facts
    story.title(
        "From ActiveCollab to MOCO, in nine chapters",
        [
            f"A made-up agency moves: {facts.people} people, {facts.companies} companies, {facts.projects} projects, "
            f"{facts.total.records:,} time records.",
            "Both services are simulated, and nothing leaves this computer:",
            f"ActiveCollab at {stage.activecollab_url}, MOCO at {stage.moco_url}",
            f"Everything is kept in {stage.folder}",
        ],
    )


def _end(stage: Stage, story: Story, hours: list[tuple[str, int, int]]) -> None:
    story.part("What was written where")
    activities = stage.moco.activities
    total = format_hours(sum(each.seconds for each in activities))
    story.facts(
        [
            ("folder", f"{stage.folder} (kept until you delete it)"),
            ("configuration", str(stage.config)),
            ("database", str(stage.database)),
            ("mapping", str(stage.mapping)),
            ("report", f"{stage.report / 'report.html'}: open it in a browser"),
            ("ActiveCollab", f"{len(stage.activecollab.records):,} time records; it ends with this command"),
            ("MOCO", f"{len(activities):,} activities, {total} h; it ends with this command"),
        ]
    )
    story.pause()
    rows = [(name, f"{count:,}", format_hours(seconds)) for name, count, seconds in hours[:_MOST_HOURS]]
    story.table((f"most hours of {len(hours)} people", "activities", "hours"), rows)
    story.part("Next")
    story.facts(
        [
            *_where_the_program_is(),
            ("look around", f"cd {stage.folder}"),
            ("", "migrator status; migrator inbox list; migrator runs list"),
            ("both to play with", "migrator sandbox"),
            ("your own accounts", "migrator init, then edit migrator.toml"),
            ("all commands", "migrator --help"),
        ]
    )


def _where_the_program_is() -> list[tuple[str, str]]:
    """How to call the program where the shell does not find it by its name, as after `make demo`."""
    if shutil.which("migrator"):
        return []
    return [("here, migrator is", str(Path(sys.argv[0]).absolute()))]


def _hours_by_person(stage: Stage) -> list[tuple[str, int, int]]:
    """Name, activities and seconds of everybody in the simulated MOCO, most time first."""
    counts: Counter[int] = Counter()
    seconds: Counter[int] = Counter()
    for each in stage.moco.activities:
        counts[each.user_id] += 1
        seconds[each.user_id] += each.seconds
    return [(stage.person(user_id), counts[user_id], sum_) for user_id, sum_ in seconds.most_common()]


def _document(stage: Stage, book: chapters.Book, verdict: str, hours: list[tuple[str, int, int]]) -> dict[str, object]:
    activities = stage.moco.activities
    return {
        "schema": "migrator.demo/1",
        "verdict": verdict,
        "chapters": [{"command": command, "answer": document} for command, document in book.answers],
        "checks": [{"name": each.name, "holds": each.holds, "told": each.told} for each in book.checks],
        "activecollab": {
            "url": stage.activecollab_url,
            "generation": str(stage.activecollab.generation),
            "records": len(stage.activecollab.records),
            "requests": len(stage.activecollab.requests),
        },
        "moco": {
            "url": stage.moco_url,
            "activities": len(activities),
            "seconds": sum(each.seconds for each in activities),
            "by_person": [{"name": name, "activities": count, "seconds": sum_} for name, count, sum_ in hours],
        },
        "folder": str(stage.folder),
        "configuration": str(stage.config),
        "database": str(stage.database),
        "mapping": str(stage.mapping),
        "report": str(stage.report / "report.html"),
        "exit_code": int(ExitCode.DONE),
    }
