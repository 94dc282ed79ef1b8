"""`read`, `plan`, `show`, `apply`, `verify` and `sync`: the way of the records."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame
from migrator.app.report.language import Language
from migrator.app.timespan import parse_day, parse_timespan
from migrator.errors import UsageError

PANEL = "Migrate"
SYNC_PANEL = "Keep in sync"


class PlanFormat(StrEnum):
    """How `show` writes a plan."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class GateName(StrEnum):
    """The gates that a person may pass by name."""

    MAX_CHANGE = "max_change"
    MAX_DELETE = "max_delete"
    MAX_SOURCE_LOSS = "max_source_loss"
    PILOT_ABOVE = "pilot_above"


class ApplyGate(StrEnum):
    """The gates that guard `apply`, too."""

    PILOT_ABOVE = "pilot_above"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    for command in (read, plan, show, apply, verify):
        root.command(cls=Command, rich_help_panel=PANEL)(command)
    root.command(cls=Command, rich_help_panel=SYNC_PANEL)(sync)


FromDay = Annotated[date | None, typer.Option("--from", parser=parse_day, metavar="DAY", help="First day, YYYY-MM-DD.")]
ToDay = Annotated[date | None, typer.Option("--to", parser=parse_day, metavar="DAY", help="Last day, YYYY-MM-DD.")]
DetailedExitCode = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 4 when changes are pending, else 3 when something waits.")
]
PlanName = Annotated[str, typer.Argument(metavar="PLAN", help="The id that `plan` printed, or last.")]


def read(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files, folders or globs; else those of the configuration."),
    ] = None,
) -> Answer:
    """Read ActiveCollab, its files or the running one, into the database; never talks to MOCO."""
    frame = Frame.of(context)
    from migrator.app.reading.command import read_source

    return read_source(frame.place(), tuple(paths or ()))


def plan(
    context: typer.Context,
    day_from: FromDay = None,
    day_to: ToDay = None,
    users: Annotated[
        list[str] | None, typer.Option("--user", metavar="X", help="Only this person (id, e-mail, name); repeatable.")
    ] = None,
    projects: Annotated[
        list[str] | None, typer.Option("--project", metavar="X", help="Only this project (id, name); repeatable.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only N records, spread over everything.")
    ] = None,
    pilot: Annotated[
        bool,
        typer.Option("--pilot", help="Only a pilot: few projects, every person and status, oldest and newest days."),
    ] = False,
    detailed_exitcode: DetailedExitCode = False,
) -> Answer:
    """The dry run: read MOCO, decide every record, save the plan and print its id. Writes nothing to MOCO."""
    frame = Frame.of(context)
    if pilot and sample is not None:
        raise UsageError("options --pilot and --sample both choose; leave one out")
    from migrator.app.plan import make_plan
    from migrator.app.selecting import SelectionWords

    words = SelectionWords(day_from, day_to, tuple(users or ()), tuple(projects or ()), sample, pilot)
    return make_plan(frame.place(), words, detailed_exitcode=detailed_exitcode)


def show(
    context: typer.Context,
    plan_name: PlanName,
    form: Annotated[PlanFormat, typer.Option("--format", help="How the plan is written.")] = PlanFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Into this file; else to the terminal.")
    ] = None,
    language: Annotated[Language, typer.Option("--lang", help="Of the page: German or English.")] = Language.EN,
    with_people: Annotated[bool, typer.Option("--with-people", help="Show e-mail addresses on the page.")] = False,
) -> Answer:
    """Show a saved plan to a second pair of eyes."""
    frame = Frame.of(context)
    from migrator.app.look import show_plan

    return show_plan(frame.place(), plan_name, form.value, output, language, with_people=with_people)


def apply(
    context: typer.Context,
    plan_name: PlanName,
    limit: Annotated[
        int | None, typer.Option(metavar="RECORDS", min=1, help="Stop after so many records; exit 8, resume is safe.")
    ] = None,
    max_duration: Annotated[
        timedelta | None,
        typer.Option(parser=parse_timespan, metavar="2h", help="Stop after so long; exit 8, resume is safe."),
    ] = None,
    pause_hooks: Annotated[
        bool, typer.Option("--pause-hooks", help="Switch the account's other web hooks off meanwhile.")
    ] = False,
    approved_by: Annotated[
        str, typer.Option(metavar="NAME", help="Who approved the plan; kept with the run.", show_default=False)
    ] = "",
    allow_gates: Annotated[
        list[ApplyGate] | None,
        typer.Option("--allow-gate", metavar="NAME", help="Pass this gate once (pilot_above)."),
    ] = None,
) -> Answer:
    """Carry out a plan, once. An interrupted one resumes; a stale or used one is refused."""
    frame = Frame.of(context)
    from migrator.app.apply import ApplyWords, apply_plan

    seconds = max_duration.total_seconds() if max_duration is not None else None
    gates = tuple(gate.value for gate in allow_gates or ())
    return apply_plan(
        frame.place(), ApplyWords(_number_or_last(plan_name), limit, seconds, approved_by, gates, pause_hooks)
    )


def _number_or_last(name: str) -> int | Literal["last"]:
    if name == "last":
        return "last"
    if not (name.isascii() and name.isdecimal()) or len(name) > 18:
        raise UsageError(f"{name!r} is no plan; expected a number or last", hint="`migrator plan` prints the number")
    return int(name)


def verify(
    context: typer.Context,
    day_from: FromDay = None,
    day_to: ToDay = None,
    full: Annotated[bool, typer.Option("--full", help="List MOCO without any limit of days.")] = False,
    plan_name: Annotated[
        str | None, typer.Option("--plan", metavar="PLAN", help="Only the records that this plan selected.")
    ] = None,
    control: Annotated[
        Path | None,
        typer.Option(
            "--control", metavar="FILE.csv", help="Also compare totals of ActiveCollab's reports with what was read."
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="REPORT.json", help="Also say what changed since this signed report."),
    ] = None,
) -> Answer:
    """Compare both sides record by record; writes nothing. Exits 4 on a difference."""
    frame = Frame.of(context)
    if full and (day_from or day_to):
        raise UsageError("option --full means all days; leave --from and --to out")
    if plan_name is not None and (day_from or day_to or full):
        raise UsageError("option --plan means the records of that plan; leave --from, --to and --full out")
    if against is not None and (day_from or day_to or plan_name is not None):
        raise UsageError("option --against means a whole report; leave --from, --to and --plan out")
    from migrator.app.verify import VerifyWords
    from migrator.app.verify import verify as compare

    number = None if plan_name is None else _number_or_last(plan_name)
    return compare(frame.place(), VerifyWords(day_from, day_to, number, full, control, against))


def sync(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan only.")] = False,
    detailed_exitcode: DetailedExitCode = False,
    allow_gates: Annotated[
        list[GateName] | None,
        typer.Option("--allow-gate", metavar="NAME", help="Pass this gate once; repeatable."),
    ] = None,
) -> Answer:
    """Read, plan, check the gates and apply, for timers."""
    frame = Frame.of(context)
    if detailed_exitcode and not dry_run:
        raise UsageError("option --detailed-exitcode goes with --dry-run")
    from migrator.app.sync import SyncWords
    from migrator.app.sync import sync as run_once

    gates = tuple(gate.value for gate in allow_gates or ())
    return run_once(frame.place(), SyncWords(dry_run, detailed_exitcode, gates))
