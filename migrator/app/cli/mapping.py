"""`map`: the round trip of the mapping."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame, add_group
from migrator.app.cli.migrate import PANEL


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    mapping = add_group(
        root,
        "map",
        "Say which person, project and task of ActiveCollab is which of MOCO; exact matches need nobody.",
        PANEL,
    )
    for command in (suggest, export, check, apply):
        mapping.command(cls=Command)(command)


def suggest(context: typer.Context) -> Answer:
    """Show what matches, what is proposed and what is missing, by hours."""
    frame = Frame.of(context)
    from migrator.app.mapping import command as app

    return app.suggest(frame.place())


def export(
    context: typer.Context,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.csv", help="Where to write it.", dir_okay=False)
    ],
) -> Answer:
    """Write the mapping with all proposals as CSV, to be completed in a spreadsheet."""
    frame = Frame.of(context)
    from migrator.app.mapping import command as app

    return app.export(frame.place(), output)


def check(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE.csv", help="A file to check; else the mapping in force.", dir_okay=False),
    ] = None,
) -> Answer:
    """Say how many hours are mapped, and what holds the rest."""
    frame = Frame.of(context)
    from migrator.app.mapping import command as app

    return app.check(frame.place(), file)


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The completed file.", dir_okay=False)],
) -> Answer:
    """Make the file the new version of the mapping."""
    frame = Frame.of(context)
    from migrator.app.mapping import command as app

    return app.apply(frame.place(), file)
