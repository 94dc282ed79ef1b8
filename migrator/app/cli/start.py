"""`demo`, `init` and `config`: the first hour."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.app.answer import Answer
from migrator.app.cli import output
from migrator.app.cli.frame import Command, Frame, add_group

PANEL = "Start"


def register(root: typer.Typer) -> None:
    """Add the commands to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(demo)
    root.command(cls=Command, rich_help_panel=PANEL)(init)
    root.command(cls=Command, rich_help_panel=PANEL)(login)
    config = add_group(root, "config", "Check and show the configuration.", PANEL)
    config.command("check", cls=Command)(config_check)
    config.command("show", cls=Command)(config_show)


def demo(
    context: typer.Context,
    records: Annotated[int, typer.Option(metavar="N", min=50, help="How many time records to make up.")] = 2000,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Leave everything in this folder to look at.")
    ] = None,
) -> Answer:
    """The whole story in one command; no account needed.

    Starts a simulated ActiveCollab and a simulated MOCO, reads, maps, plans, applies, runs again (0 changes), edits
    on both sides, syncs and verifies.
    """
    frame = Frame.of(context)
    from migrator.app.demo import command as app

    tell = None if frame.options.as_json else output.say
    return app.demo(frame.progress(), records=records, keep=keep, tell=tell)


def init(context: typer.Context) -> Answer:
    """Write a commented migrator.toml and create the database."""
    frame = Frame.of(context)
    from migrator.app import init as app

    return app.init(frame.config_path())


def login(
    context: typer.Context,
    user: Annotated[
        str, typer.Option(metavar="NAME", help="The user name, mostly an e-mail address; else asked for.")
    ] = "",
) -> Answer:
    """Get a token from ActiveCollab for a user name and password; for 5.x and later, 3.x and 4.x.

    Asks for both, or reads them as two lines from a pipe; with --user only the password. The token is written to
    activecollab.token beside the configuration, or where activecollab.token_file says. The password is not kept.
    """
    frame = Frame.of(context)
    from migrator.app import config
    from migrator.app.reading import login as app

    checked = config.load(frame.options.config, may_be_missing=frozenset({"activecollab.token"}))
    return app.login(checked, lambda: frame.ask_login(user))


def config_check(context: typer.Context) -> Answer:
    """Name every problem of the configuration at once.

    Says too what is still missing for a migration, such as MOCO's API key. Exits 2 when there is a problem.
    """
    frame = Frame.of(context)
    from migrator.app.configuration import command as settings

    return settings.check(frame.options.config)


def config_show(context: typer.Context) -> Answer:
    """Show the merged settings, secrets masked, with where each came from."""
    frame = Frame.of(context)
    from migrator.app.configuration import command as settings

    return settings.show_all(frame.config())
