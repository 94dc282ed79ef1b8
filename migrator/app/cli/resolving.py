"""`inbox resolve`: which side counts."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame


class KeptSide(StrEnum):
    """Which side counts."""

    SOURCE = "source"
    TARGET = "target"


def register(inbox: typer.Typer) -> None:
    """Add the command to the group `inbox`."""
    inbox.command("resolve", cls=Command)(inbox_resolve)


def inbox_resolve(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="i17, an ActiveCollab id or a marker.")],
    keep: Annotated[
        KeptSide,
        typer.Option(
            "--keep", help="source: ActiveCollab counts, and the next run writes it. target: MOCO stays as it is."
        ),
    ],
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="Why; kept with who and when.", show_default=False)
    ] = "",
) -> Answer:
    """Say which side counts, for one item as it was shown; what both words mean stands in `inbox show`."""
    frame = Frame.of(context)
    from migrator.app.inbox.resolving import Side, resolve_item

    return resolve_item(frame.place(), name, Side(keep.value), note)
