"""What every command stands in: its options, its help, and what it works with."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from migrator.app import log
from migrator.app.cli.options import GlobalOptions
from migrator.errors import UsageError

if TYPE_CHECKING:
    from migrator.app.config import Config
    from migrator.app.progress import Progress
    from migrator.app.wiring import Workplace

EVERYWHERE: Final = "Everywhere, before or after the command"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a command needs from the outside; nothing heavy is imported before it is asked for."""

    options: GlobalOptions
    opened: list[Workplace] = field(default_factory=list)
    """To be left by `leave`."""

    @classmethod
    def of(cls, context: typer.Context) -> Frame:
        """The frame of the command that runs; the log is on from here."""
        frame = context.find_root().obj
        assert isinstance(frame, cls)
        log.configure(log.LogFormat(frame.options.log_format), frame.options.verbosity)
        return frame

    def config_path(self) -> Path:
        """The configuration file that is meant, whether it exists or not."""
        from migrator.app.config import config_path  # noqa: PLC0415

        return config_path(self.options.config, os.environ)

    def config(self) -> Config:
        """The checked configuration."""
        from migrator.app.config import load  # noqa: PLC0415

        return load(self.options.config)

    def progress(self) -> Progress:
        """Where the story is told."""
        from migrator.app.progress import progress_for  # noqa: PLC0415

        return progress_for(as_json=self.options.as_json, quiet=self.options.verbosity < 0)

    def place(self, config: Config | None = None, progress: Progress | None = None) -> Workplace:
        """Configuration (loaded, unless it was already), database, progress and clock; an empty database is created."""
        from migrator.app.wiring import open_workplace  # noqa: PLC0415

        place = open_workplace(config or self.config(), progress or self.progress())
        self.opened.append(place)
        return place

    def leave(self) -> None:
        """Close the connections to the database."""
        for place in self.opened:
            place.engine.dispose()

    def confirm(self, question: str) -> None:
        """Ask before something that cannot be taken back; `UsageError` unless the answer is yes."""
        if self.options.yes:
            return
        if self.options.no_input or not sys.stdin.isatty():
            raise UsageError(f"{question} This needs a confirmation.", hint="add --yes to confirm it")
        print(f"{question} Type yes to go on: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise UsageError("not confirmed; nothing was done")

    def ask_login(self, user: str = "") -> tuple[str, str]:
        """User name and password, asked at the terminal or read as lines from a pipe; never from an option."""
        if sys.stdin.isatty():
            if self.options.no_input:
                raise UsageError("the password has to be typed", hint="leave --no-input out, or pipe it in")
            if not user:
                print("ActiveCollab user name: ", end="", file=sys.stderr, flush=True)
                user = sys.stdin.readline().strip()
            from getpass import getpass  # noqa: PLC0415

            return user, getpass("Password (not shown): ", sys.stderr)
        name = user or sys.stdin.readline().strip()
        password = sys.stdin.readline().rstrip("\r\n")
        if not name or not password:
            raise UsageError(
                "user name and password are expected as two lines on standard input",
                hint="with --user NAME the password alone",
            )
        return name, password


def _everywhere(
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Configuration; else $MIGRATOR_CONFIG, else ./migrator.toml.",
            rich_help_panel=EVERYWHERE,
            expose_value=False,
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Exactly one JSON document on stdout.",
            rich_help_panel=EVERYWHERE,
            expose_value=False,
        ),
    ] = False,
    log_format: Annotated[
        str,
        typer.Option(
            metavar="text|json",
            help="How events on stderr are written.",
            rich_help_panel=EVERYWHERE,
            expose_value=False,
            show_default=False,
        ),
    ] = "text",
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            help="Tell more; -vv everything.",
            rich_help_panel=EVERYWHERE,
            expose_value=False,
            show_default=False,
        ),
    ] = 0,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Errors only.", rich_help_panel=EVERYWHERE, expose_value=False),
    ] = False,
    no_input: Annotated[
        bool,
        typer.Option(
            "--no-input",
            help="Never ask; what needs a confirmation fails.",
            rich_help_panel=EVERYWHERE,
            expose_value=False,
        ),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="Confirm what would be asked; never passes a gate.",
            rich_help_panel=EVERYWHERE,
            expose_value=False,
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", rich_help_panel=EVERYWHERE, expose_value=False),
    ] = False,
) -> None:
    """Shown in every help and offered by completion; `options.extract` takes them out before parsing."""


def _global_parameters() -> list[Any]:  # Typer's own parameter class is not part of its public names.
    shown = typer.Typer(add_completion=False)
    shown.command()(_everywhere)
    return list(typer.main.get_command(shown).params)


_GLOBAL_PARAMETERS: Final = _global_parameters()


def _with_global_parameters(own: list[Any]) -> list[Any]:
    for parameter in (*own, *_GLOBAL_PARAMETERS):
        if getattr(parameter, "is_flag", False) or getattr(parameter, "count", False):
            # Typer writes a switch as "--json <bool>", as if it took a value.
            parameter.metavar = ""
    return [*own, *_GLOBAL_PARAMETERS]


class Command(TyperCommand):
    """A command that shows the global options beside its own."""

    def get_params(self, ctx: Any) -> list[Any]:  # Typer's context class is private.
        return _with_global_parameters(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands that shows the global options and names its commands when one is missing."""

    def get_params(self, ctx: Any) -> list[Any]:  # Typer's context class is private.
        return _with_global_parameters(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # Typer's context class is private.
        if not args and not ctx.resilient_parsing:
            raise UsageError(
                f"a command is missing after `{ctx.command_path}`: one of {', '.join(self.list_commands(ctx))}",
                hint=f"`{ctx.command_path} --help` explains them.",
            )
        return super().parse_args(ctx, args)


def add_group(root: typer.Typer, name: str, text: str, panel: str) -> typer.Typer:
    """A new group of commands in the panel of the help that it belongs to."""
    group = typer.Typer(name=name, help=text, cls=Group, add_completion=False)
    root.add_typer(group, rich_help_panel=panel)
    return group
