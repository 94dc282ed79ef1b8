"""`serve`: the schedule, health, metrics, MOCO's web hooks and the console, in one process that runs for months."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated

import typer

from migrator.app import log
from migrator.app.cli import output
from migrator.app.cli.frame import Command, Frame

PANEL = "Keep in sync"


def register(root: typer.Typer) -> None:
    """Add the command to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(serve)


def serve(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(metavar="HOST", help="Where to listen; else web.host.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=0, max=65_535, help="0 is any; else web.port.", show_default=False),
    ] = None,
) -> None:
    """Run `sync` on a schedule until Ctrl-C or SIGTERM, and tell over HTTP how that goes.

    /healthz, /readyz and /metrics for machines, / for people, POST /hooks/moco for MOCO's web hooks. A database or an
    account that cannot be reached is waited for. Several on one database: one works, the others stand by.
    """
    frame = Frame.of(context)
    # Whoever stops it does not know how far it came: it is the same end while it is still being loaded.
    with suppress(KeyboardInterrupt):
        _serve(frame, host, port)


def _serve(frame: Frame, host: str | None, port: int | None) -> None:
    from migrator.app.progress import LoggedProgress
    from migrator.app.service import alerts, serving

    # What a service does is told without being asked for, except to who wants silence.
    if frame.options.verbosity == 0:
        log.configure(log.LogFormat(frame.options.log_format), 1)
    serving.serve(
        frame.config(),
        lambda config: frame.place(config, LoggedProgress()),
        serving.ServeWords(host, port),
        # It serves until it is stopped, so its answer must not wait for the end.
        partial(output.emit, as_json=frame.options.as_json),
        alerts.listeners_of,
    )
