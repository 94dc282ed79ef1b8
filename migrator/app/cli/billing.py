"""`billed`: what ActiveCollab had invoiced already."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame

PANEL = "Migrate"


def register(root: typer.Typer) -> None:
    """Add the command to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(billed)


def billed(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look, and say what would be marked.")] = False,
) -> Answer:
    """Mark in MOCO what ActiveCollab had already invoiced, customer by customer. Final: it ends undo for them."""
    frame = Frame.of(context)
    from migrator.app.billed.command import BilledWords, mark_billed, question

    place = frame.place()
    asked = "" if dry_run else question(place)
    if asked:
        frame.confirm(asked)
    return mark_billed(place, BilledWords(dry_run))
