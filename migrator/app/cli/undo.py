"""`undo`: taking back what a run created."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame
from migrator.errors import UsageError

if TYPE_CHECKING:
    from migrator.app.wiring import Workplace

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
    from migrator.app.presences import undo as of_presences
    from migrator.app.undo import command as of_records

    place = frame.place()
    number = of_records.run_number(place, run)
    if of_records.wrote_presences(place, number):
        if release:
            return of_presences.release(place, number)
        spans = of_presences.estimate(place, number)
        if dry_run:
            return of_presences.preview(place, spans)
        _confirm(frame, place, spans)
        return of_presences.undo(place, spans)
    if release:
        return of_records.release(place, number)
    cost = of_records.estimate(place, number)
    if dry_run:
        return of_records.preview(place, cost)
    _confirm(frame, place, cost)
    return of_records.undo(place, cost)


class _Cost(Protocol):
    """What taking a run back costs."""

    @property
    def is_needed(self) -> bool: ...

    @property
    def sentence(self) -> str: ...


def _confirm(frame: Frame, place: Workplace, cost: _Cost) -> None:
    """Say what it costs, and ask where there is anything to do."""
    if not cost.is_needed:
        return
    if frame.options.yes:
        place.progress.tell(cost.sentence)
    frame.confirm(cost.sentence)
