"""`notify`: whether people would be told."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame, add_group

PANEL = "Administer"


def register(root: typer.Typer) -> None:
    """Add the command to `root`."""
    notify = add_group(root, "notify", "Mail, web hook and heartbeat of unattended work.", PANEL)
    notify.command("test", cls=Command)(notify_test)


def notify_test(context: typer.Context) -> Answer:
    """Send one message by mail and web hook and one heartbeat, as far as they are configured, and say what came of it.

    Exits 5 when one of them failed, 2 when none is configured.
    """
    frame = Frame.of(context)
    from migrator.app.notify import command
    from migrator.app.wiring import Clock

    return command.send_test(frame.config(), Clock().now())
