"""`doctor` and `hooks`: what the MOCO account is like, and its web hooks."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame, add_group

if TYPE_CHECKING:
    pass

PANEL = "Start"
HOOKS_PANEL = "Administer"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(doctor)
    hooks = add_group(root, "hooks", "The web hooks of the MOCO account.", HOOKS_PANEL)
    hooks.command("list", cls=Command)(hooks_list)
    hooks.command("pause", cls=Command)(hooks_pause)
    hooks.command("resume", cls=Command)(hooks_resume)


def doctor(
    context: typer.Context,
    probe_write: Annotated[
        str,
        typer.Option(
            "--probe-write",
            metavar="PROJECT",
            help="Also find out what only a write can tell, by a few seconds booked in this MOCO project.",
            show_default=False,
        ),
    ] = "",
) -> Answer:
    """Check everything: configuration, database, both logins, permissions, what the account does to bookings.

    Sends nothing but GET. With --probe-write a few short activities are booked in the named project and removed
    again; what is learned is kept. What nobody knows yet is `unknown`. Exits 1 with a failure, 12 when it is a login.
    """
    frame = Frame.of(context)
    if probe_write:
        frame.confirm(
            f"This books some activities of a few minutes in the MOCO project {probe_write!r} and removes them again."
        )
    from migrator.app import doctor as app

    return app.doctor(frame.options.config, frame.place, probe_write)


def hooks_list(context: typer.Context) -> Answer:
    """List the web hooks of the account and whether they are paused; changes nothing."""
    frame = Frame.of(context)
    from migrator.app import hooks

    return hooks.list_hooks(frame.place())


def hooks_pause(context: typer.Context) -> Answer:
    """Switch off every active web hook but ours, before very much is written; remembers which.

    `migrator apply --pause-hooks` does so for one run and resumes them at its end.
    """
    frame = Frame.of(context)
    from migrator.app import hooks

    return hooks.pause(frame.place())


def hooks_resume(context: typer.Context) -> Answer:
    """Switch on again exactly those web hooks that were paused, also by a run that was killed."""
    frame = Frame.of(context)
    from migrator.app import hooks

    return hooks.resume(frame.place())
