"""`doctor` and `hooks`: what the MOCO account is like, and its web hooks."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli import output
from migrator.app.cli.frame import Command, Frame, add_group

PANEL = "Start"
HOOKS_PANEL = "Administer"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(doctor)
    hooks = add_group(root, "hooks", "The web hooks of the MOCO account.", HOOKS_PANEL)
    hooks.command("list", cls=Command)(hooks_list)
    hooks.command("install", cls=Command)(hooks_install)
    hooks.command("listen", cls=Command)(hooks_listen)
    hooks.command("remove", cls=Command)(hooks_remove)
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
    from migrator.app.doctor import command as app

    return app.doctor(frame.options.config, frame.place, probe_write)


def hooks_list(context: typer.Context) -> Answer:
    """List the web hooks of the account and whether they are paused; changes nothing."""
    frame = Frame.of(context)
    from migrator.app.hooks import command as hooks

    return hooks.list_hooks(frame.place())


def hooks_install(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="https://…/hooks/moco, where MOCO reaches `serve`.")],
) -> Answer:
    """Have MOCO tell us of every change to activities and projects, deletions included.

    Six web hooks, each registered once; those that are there already are adopted, and switched on again.
    """
    frame = Frame.of(context)
    from migrator.app.hooks import command as hooks

    return hooks.install(frame.place(), url)


def hooks_listen(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(metavar="HOST", help="Where to listen; else web.host.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=0, max=65_535, help="0 is any; else web.port.", show_default=False),
    ] = None,
) -> None:
    """Listen to MOCO's web hooks until Ctrl-C, without a schedule; `serve` does so, too, and replaces this.

    What people change in MOCO is looked at first by the next run. MOCO calls https only, so a reverse proxy stands in
    front. Every delivery is checked with web.webhook_key.
    """
    frame = Frame.of(context)
    from migrator.app.service import listening

    # It serves until Ctrl-C, so its answer must not wait for the end.
    announce = partial(output.emit, as_json=frame.options.as_json)
    listening.listen(frame.place(), listening.ListenWords(host, port), announce)


def hooks_remove(context: typer.Context) -> Answer:
    """Delete the web hooks that `hooks install` registered, and no others."""
    frame = Frame.of(context)
    from migrator.app.hooks import command as hooks

    return hooks.remove(frame.place())


def hooks_pause(context: typer.Context) -> Answer:
    """Switch off every active web hook but ours, before very much is written; remembers which.

    `migrator apply --pause-hooks` does so for one run and resumes them at its end.
    """
    frame = Frame.of(context)
    from migrator.app.hooks import command as hooks

    return hooks.pause(frame.place())


def hooks_resume(context: typer.Context) -> Answer:
    """Switch on again exactly those web hooks that were paused, also by a run that was killed."""
    frame = Frame.of(context)
    from migrator.app.hooks import command as hooks

    return hooks.resume(frame.place())
