"""`provision`: what records need in MOCO before they can be booked."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame

PANEL = "Migrate"


def register(root: typer.Typer) -> None:
    """Add the command to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(provision)


def provision(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look, and say what would be created.")] = False,
    people: Annotated[
        bool, typer.Option("--people", help="Also create people whose mapping says create: deactivated, no e-mail.")
    ] = False,
    unit: Annotated[
        str,
        typer.Option("--unit", metavar="NAME", help="The unit of MOCO that new people belong to.", show_default=False),
    ] = "",
) -> Answer:
    """Create in MOCO what the mapping asks for: companies, projects, tasks, assignments; `apply` does it, too.

    What is there already under its natural key is adopted, never created twice. Exits 3 when something cannot be.
    """
    frame = Frame.of(context)
    from migrator.app.provision.command import ProvisionWords, provide

    return provide(frame.place(), ProvisionWords(dry_run, people, unit))
