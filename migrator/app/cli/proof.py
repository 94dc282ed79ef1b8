"""`explain` and `evidence`: what happened to one record, and the proof of a whole run."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame

PANEL = "Look"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(explain)


def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="An ActiveCollab id, a marker, or an inbox item like i17.")],
) -> Answer:
    """Tell everything about one record, from its raw fragment to MOCO; asks nobody."""
    frame = Frame.of(context)
    from migrator.app.explain.command import explain as explain_record

    return explain_record(frame.place(), name)
