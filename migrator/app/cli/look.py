"""`inbox`, `runs` and `status`: what waits, what happened, where we stand."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli import resolving
from migrator.app.cli.frame import Command, Frame, add_group
from migrator.errors import UsageError

PANEL = "Look"


class WaitingKind(StrEnum):
    """Why something waits for a person."""

    HELD = "held"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    inbox = add_group(root, "inbox", "Everything that waits for a person, in one place.", PANEL)
    inbox.command("list", cls=Command)(inbox_list)
    inbox.command("show", cls=Command)(inbox_show)
    inbox.command("retry", cls=Command)(inbox_retry)
    inbox.command("accept", cls=Command)(inbox_accept)
    resolving.register(inbox)
    runs = add_group(root, "runs", "What happened.", PANEL)
    runs.command("list", cls=Command)(runs_list)
    runs.command("show", cls=Command)(runs_show)
    root.command(cls=Command, rich_help_panel=PANEL)(status)


WaitingName = Annotated[str, typer.Argument(metavar="ID", help="i17, an ActiveCollab id or a marker.")]


def inbox_list(
    context: typer.Context,
    kind: Annotated[WaitingKind | None, typer.Option("--kind", help="Only this kind.")] = None,
) -> Answer:
    """List what waits, with the reason and what to do."""
    frame = Frame.of(context)
    from migrator.app.inbox import command as inbox

    return inbox.list_inbox(frame.place(), kind.value if kind else None)


def inbox_show(context: typer.Context, name: WaitingName) -> Answer:
    """Show one record that waits, both sides."""
    frame = Frame.of(context)
    from migrator.app.inbox import show as inbox_show

    return inbox_show.show_item(frame.place(), name)


def inbox_retry(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="i17, an ActiveCollab id or a marker.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that waits.")] = False,
) -> Answer:
    """Let the next run try again what was refused or held."""
    frame = Frame.of(context)
    if bool(names) == everything:
        raise UsageError("name what to try again, or give --all", hint="`migrator inbox list` shows the ids.")
    from migrator.app.inbox import command as inbox

    return inbox.retry_items(frame.place(), tuple(names or ()), everything=everything)


def inbox_accept(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="ID", help="i17, an ActiveCollab id or a marker.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept with who and when.")],
) -> Answer:
    """Accept a record as it is; it comes back only when its source changes."""
    frame = Frame.of(context)
    from migrator.app.inbox import command as inbox

    return inbox.accept_items(frame.place(), tuple(names), note.strip())


def runs_list(context: typer.Context) -> Answer:
    """List all runs, newest first."""
    frame = Frame.of(context)
    from migrator.app import look

    return look.list_runs(frame.place())


def runs_show(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A number, or last.")] = "last",
) -> Answer:
    """Show one run: verdict, books, requests."""
    frame = Frame.of(context)
    from migrator.app import look

    return look.show_run(frame.place(), run)


def status(context: typer.Context) -> Answer:
    """Where we stand, on one screen."""
    frame = Frame.of(context)
    from migrator.app import look

    return look.status(frame.place())
