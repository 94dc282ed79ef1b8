"""`presences`: working times from the days' records."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame

PANEL = "Migrate"


def register(root: typer.Typer) -> None:
    """Add the command to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(presences)


def presences(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look, and say what would be written.")] = False,
) -> Answer:
    """Write working times to MOCO, derived from the days' records; a day that has a presence is left alone."""
    frame = Frame.of(context)
    from migrator.app.presences.command import PresenceWords, derive_presences

    return derive_presences(frame.place(), PresenceWords(dry_run))
