"""`db` and `sandbox`."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli import output
from migrator.app.cli.frame import Command, Frame, add_group

PANEL = "Administer"


class SandboxGeneration(StrEnum):
    """The interfaces that the simulated ActiveCollab can speak."""

    SECOND = "2"
    THIRD = "3"
    FIFTH = "5"
    """The default: pages, days, the trash and `login` can only all be tried on this one."""


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    db = add_group(root, "db", "The database: schema, backup, restore.", PANEL)
    for command in (upgrade, current, check, backup, restore):
        db.command(cls=Command)(command)
    root.command(cls=Command, rich_help_panel=PANEL)(sandbox)


def upgrade(context: typer.Context) -> Answer:
    """Bring the schema to the one of this version."""
    frame = Frame.of(context)
    from migrator.app import database

    return database.upgrade(frame.config())


def current(context: typer.Context) -> Answer:
    """Name the schema of the database and the one of this version."""
    frame = Frame.of(context)
    from migrator.app import database

    return database.current(frame.config())


def check(context: typer.Context) -> Answer:
    """Compare the database with what it should be; changes nothing."""
    frame = Frame.of(context)
    from migrator.app import database

    return database.check(frame.config())


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.", dir_okay=False)],
) -> Answer:
    """Write a copy of the database to a new file; others may go on working."""
    frame = Frame.of(context)
    from migrator.app import database

    return database.backup(frame.config(), file)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.", dir_okay=False)],
) -> Answer:
    """Put a backup in the place of the database."""
    frame = Frame.of(context)
    config = frame.config()
    frame.confirm(f"The database is replaced by {file}; what was done since then is forgotten.")
    from migrator.app import database

    return database.restore(config, file)


def sandbox(
    context: typer.Context,
    moco_port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65_535, help="Where the simulated MOCO listens; 0 is any.")
    ] = 8421,
    activecollab_port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65_535, help="Where the simulated ActiveCollab listens; 0 is any.")
    ] = 8422,
    generation: Annotated[
        SandboxGeneration,
        typer.Option(help="Which ActiveCollab: 2 is 1.x and 2.x, 3 is 3.x and 4.x, 5 is 5.x to 7.x."),
    ] = SandboxGeneration.FIFTH,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Which made-up company they hold.")] = 1,
) -> None:
    """Serve a simulated ActiveCollab and MOCO to try things on, until Ctrl-C."""
    frame = Frame.of(context)
    from migrator.app import sandbox as app

    # It serves until Ctrl-C, so its answer must not wait for the end.
    announce = partial(output.emit, as_json=frame.options.as_json)
    words = app.SandboxWords(moco_port, activecollab_port, app.GENERATIONS[generation.value], seed)
    app.serve_sandbox(frame.progress(), words, announce)
