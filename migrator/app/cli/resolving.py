"""`inbox resolve`: which side counts, for one item or for all that somebody filled in."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame
from migrator.errors import UsageError


class KeptSide(StrEnum):
    """Which side counts."""

    SOURCE = "source"
    TARGET = "target"


def register(inbox: typer.Typer) -> None:
    """Add the command to the group `inbox`."""
    inbox.command("resolve", cls=Command)(inbox_resolve)


def inbox_resolve(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="i17, an ActiveCollab id or a marker.", show_default=False)
    ] = None,
    keep: Annotated[
        KeptSide | None,
        typer.Option(
            "--keep", help="source: ActiveCollab counts, and the next run writes it. target: MOCO stays as it is."
        ),
    ] = None,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="Why; kept with who and when.", show_default=False)
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE.xlsx", help="Apply the dispositions in the exceptions of a report."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --from: only say what would happen.")] = False,
) -> Answer:
    """Say which side counts, for one item as it was shown, or for all that a report's workbook decides."""
    frame = Frame.of(context)
    if file is not None:
        if name is not None or keep is not None or note:
            raise UsageError("option --from takes everything from the file; leave ID, --keep and --note out")
        from migrator.app.inbox.applying import resolve_from

        return resolve_from(frame.place(), file, dry_run=dry_run)
    if dry_run:
        raise UsageError("option --dry-run goes with --from")
    if name is None or keep is None:
        raise UsageError(
            "nothing to resolve was named; expected an item and --keep, or --from FILE.xlsx",
            hint="`migrator inbox show ID` says what both sides mean",
        )
    from migrator.app.inbox.resolving import Side, resolve_item

    return resolve_item(frame.place(), name, Side(keep.value), note)
