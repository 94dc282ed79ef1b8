"""`rehearse` and `freeze-check`: what a weekend needs before and after it."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame
from migrator.app.timespan import parse_moment, parse_timespan

PANEL = "Migrate"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(rehearse)
    root.command("freeze-check", cls=Command, rich_help_panel=PANEL)(freeze_check)


def rehearse(
    context: typer.Context,
    start: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_moment,
            metavar='"DAY HH:MM"',
            help="When the weekend begins, in schedule.timezone; else next Friday 18:00.",
            show_default=False,
        ),
    ] = None,
    answer_time: Annotated[
        timedelta | None,
        typer.Option(parser=parse_timespan, metavar="0.3s", help="How long MOCO takes to answer.", show_default=False),
    ] = None,
) -> Answer:
    """Play the migration with the real data against a simulated MOCO, and print the run sheet. Sends nothing.

    Works on a copy of the database: what was read, the mapping, the policy, and MOCO as it was last listed. Waiting
    is skipped, so that hours pass in minutes.
    """
    frame = Frame.of(context)
    from migrator.app.rehearsal.command import ANSWER_TIME, RehearsalWords
    from migrator.app.rehearsal.command import rehearse as play

    return play(frame.place(), RehearsalWords(start, ANSWER_TIME if answer_time is None else answer_time))


def freeze_check(
    context: typer.Context,
    since: Annotated[
        datetime,
        typer.Option(parser=parse_moment, metavar='"DAY HH:MM"', help="The freeze, in schedule.timezone; or a day."),
    ],
) -> Answer:
    """Tell what was booked in ActiveCollab after the freeze, as far as it was read. Exits 4 when something was."""
    frame = Frame.of(context)
    from migrator.app.freeze_check import check_freeze

    return check_freeze(frame.place(), since)
