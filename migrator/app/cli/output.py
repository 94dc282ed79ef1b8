"""What reaches stdout and stderr: answers and fatal errors, as text or as one JSON document, masked."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from typing import TextIO

from migrator.app.answer import Answer
from migrator.app.secret import mask
from migrator.errors import ExitCode, MigratorError


def emit(answer: Answer, *, as_json: bool) -> int:
    """Print the answer on stdout and give back its exit code; a reader that went away changes nothing."""
    text = as_document(answer).text if as_json else answer.text
    if text:
        _write(sys.stdout, text)
    if answer.failure is not None:
        fatal(answer.failure, as_json=as_json)
    return int(answer.exit_code)


def say(text: str) -> None:
    """Print a piece of a long answer on stdout as soon as it is known."""
    _write(sys.stdout, text)


def as_document(answer: Answer) -> Answer:
    """The same answer, whose text is its document with the exit code in it."""
    document = {**answer.document, "exit_code": int(answer.exit_code)}
    return Answer(_as_json(document, indent=2), document, answer.exit_code)


def fatal(error: MigratorError, *, as_json: bool) -> int:
    """Tell on stderr what stopped the command, and what to do next."""
    return _tell(error.message, error.hint, error.exit_code, as_json=as_json)


def misused(message: str, hint: str, *, as_json: bool) -> int:
    """Tell on stderr why the command line cannot be understood."""
    return _tell(message, hint, ExitCode.USAGE, as_json=as_json)


def unexpected(error: Exception, *, as_json: bool, verbose: bool) -> int:
    """One line about a defect of ours; the traceback only when asked for, without local variables."""
    first = (str(error).splitlines() or [""])[0][:200]
    said = f": {first}" if first else ""
    message = f"unexpected {type(error).__name__}{said}"
    hint = "" if verbose else "run again with -v for the traceback"
    if verbose:
        _write(sys.stderr, "".join(traceback.format_exception(error)).rstrip())
    if as_json:
        return _tell(message, hint, ExitCode.ERROR, as_json=True)
    _write(sys.stderr, f"migrator: {message}" + (f"; {hint}" if hint else ""))
    return int(ExitCode.ERROR)


def interrupted(*, as_json: bool) -> int:
    """Tell that a person or the system stopped the command."""
    message = "interrupted, state is consistent; run the same command again"
    return _tell(message, "", ExitCode.INTERRUPTED, as_json=as_json)


def survive_odd_text() -> None:
    """Let a stream that cannot write a character escape it instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _tell(message: str, hint: str, code: ExitCode, *, as_json: bool) -> int:
    if as_json:
        told = {"error": {"code": int(code), "message": message, "hint": hint}}
        _write(sys.stderr, _as_json(told, indent=None))
    else:
        first, *others = message.splitlines() or [""]
        lines = [f"migrator: {first}", *(f"          {line}" for line in others)]
        _write(sys.stderr, "\n".join([*lines, *([f"hint: {hint}"] if hint else [])]))
    return int(code)


def _as_json(document: object, *, indent: int | None) -> str:
    return json.dumps(document, ensure_ascii=False, indent=indent, default=str)


def _write(stream: TextIO, text: str) -> None:
    try:
        print(mask(text), file=stream, flush=True)
    except BrokenPipeError:
        # Whoever read us has seen enough; Python would complain again when it flushes at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
