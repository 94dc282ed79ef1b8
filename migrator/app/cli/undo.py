"""`undo`: taking back what a run created."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame
from migrator.errors import UsageError

PANEL = "Migrate"


def register(root: typer.Typer) -> None:
    """Add the command to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(undo)


def undo(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A number, or last for the newest that wrote.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken back; only reads.")] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Let what was taken back be created again by the next sync.")
    ] = False,
) -> Answer:
    """Remove from MOCO what a run created, where it is unbilled, unlocked and unedited."""
    frame = Frame.of(context)
    if dry_run and release:
        raise UsageError("options --dry-run and --release exclude each other")
    from migrator.app import undo as app

    place = frame.place()
    number = app.run_number(place, run)
    if release:
        return app.release(place, number)
    cost = app.estimate(place, number)
    if dry_run:
        return app.preview(place, cost)
    if cost.activities or cost.unsettled:
        if frame.options.yes:
            place.progress.tell(cost.sentence)
        frame.confirm(cost.sentence)
    return app.undo(place, cost)
