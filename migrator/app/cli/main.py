"""The entry of the program: global options, one command, its answer or its failure, the exit code."""

# ruff: noqa: PLC0415 (Typer is not needed for --version)

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import migrator
from migrator.app.answer import Answer
from migrator.app.cli import output
from migrator.app.cli.options import GlobalOptions, extract, wants_json
from migrator.errors import ExitCode, MigratorError
from migrator.store.interrupts import interrupt

if TYPE_CHECKING:
    import typer


def run(arguments: Sequence[str] | None = None, commands: Callable[[], typer.Typer] | None = None) -> int:
    """Carry out one command line (without the program's name) and give back the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    output.survive_odd_text()
    as_json = wants_json(given)
    try:
        options, rest = extract(given)
    except MigratorError as error:
        return output.fatal(error, as_json=as_json)
    if options.version:
        version: dict[str, object] = {"schema": "migrator.version/1", "version": migrator.__version__}
        text = f"migrator {migrator.__version__}"
        return output.emit(Answer(text, version, ExitCode.DONE), as_json=as_json)
    try:
        with _stopped_by_signals():
            return _carry_out(options, rest, commands)
    except KeyboardInterrupt:
        return output.interrupted(as_json=as_json)
    except MigratorError as error:
        return output.fatal(error, as_json=as_json)
    except Exception as error:
        return output.unexpected(error, as_json=as_json, verbose=options.verbosity > 0)


def _carry_out(options: GlobalOptions, rest: list[str], commands: Callable[[], typer.Typer] | None) -> int:
    import typer

    from migrator.app.cli.frame import Frame
    from migrator.app.cli.root import build

    command = typer.main.get_command((commands or build)())
    completing = "_MIGRATOR_COMPLETE" in os.environ
    bare = not rest and not options.as_json and not completing
    frame = Frame(options)
    try:
        answer = command.main(args=["--help"] if bare else rest, prog_name="migrator", standalone_mode=False, obj=frame)
    except typer.TyperException as error:
        hint = f"`{_path_of(error)} --help` shows what it takes."
        return output.misused(error.format_message().replace("Value error, ", ""), hint, as_json=options.as_json)
    except typer.Abort:
        return output.interrupted(as_json=options.as_json)
    except SystemExit as stop:
        # Completion ends this way, and Typer when nobody reads its help any more.
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        frame.leave()
    if isinstance(answer, Answer):
        return output.emit(answer, as_json=options.as_json)
    if answer == ExitCode.INTERRUPTED:
        # Typer turns a KeyboardInterrupt into this number.
        return output.interrupted(as_json=options.as_json)
    return int(ExitCode.USAGE) if bare else int(ExitCode.DONE)


def _path_of(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "migrator"


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM stop a command, between its transactions; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
