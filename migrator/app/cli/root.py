"""The command `migrator` itself: its groups, their order and its help."""

from __future__ import annotations

from typing import Any, Final

import typer

from migrator.app.cli import (
    account,
    administer,
    billing,
    look,
    mapping,
    migrate,
    notify,
    presences,
    proof,
    provision,
    reporting,
    serve,
    start,
    undo,
    weekend,
)
from migrator.app.cli.frame import Group

_ORDER: Final = (
    ("demo", "init", "login", "config", "doctor"),
    ("read", "map", "provision", "plan", "show", "apply", "verify", "report", "billed", "presences", "undo"),
    ("rehearse", "freeze-check"),
    ("sync", "serve"),
    ("status", "inbox", "explain", "runs", "evidence"),
    ("notify", "hooks", "db", "sandbox"),
)

_HELP: Final = """Moves working time from ActiveCollab to MOCO: exactly once, and proved.

The everyday path:  [bold]init → doctor → read → map → plan → apply → verify → report[/bold]
"""

_EXAMPLES: Final = """[bold]Examples[/bold]

migrator demo  (the whole story, no account needed)

migrator init  (then edit migrator.toml)

migrator read export/*.xml

migrator map export -o map.csv  (complete it; then: migrator map apply map.csv)

migrator plan --project Website  (a dry run; prints the id of the plan)

migrator apply last --limit 100  (then: migrator verify)

migrator status --json
"""


class Root(Group):
    """Lists the commands by the path of a migration, whatever order they were added in."""

    def list_commands(self, ctx: Any) -> list[str]:  # Typer's context class is private.
        wanted = [name for row in _ORDER for name in row]
        return sorted(super().list_commands(ctx), key=wanted.index)


def build() -> typer.Typer:
    """All commands that exist."""
    root = typer.Typer(
        name="migrator",
        cls=Root,
        help=_HELP,
        epilog=_EXAMPLES,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    # Without a callback Typer gives a lone command no name; with one the help text is kept here.
    @root.callback(help=_HELP, epilog=_EXAMPLES)
    def everything() -> None:
        pass

    migrating = (start, migrate, reporting, serve, provision, billing, presences, mapping, undo, weekend)
    for commands in (*migrating, look, proof, notify, account, administer):
        commands.register(root)
    return root
