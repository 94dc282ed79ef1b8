"""The options that every command takes, before or after its name; taken out before the command is parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from migrator.errors import UsageError

_LOG_FORMATS: Final = ("text", "json")
_SWITCHES: Final = {
    "--json": "as_json",
    "--no-input": "no_input",
    "--yes": "yes",
    "--version": "version",
}
_VALUES: Final = ("--config", "--log-format")
_LOUDER: Final = ("-v", "--verbose")
_QUIETER: Final = ("-q", "--quiet")


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What was asked for beside the command itself; `verbosity` is -1 with `-q`, 1 with `-v`, 2 with `-vv`."""

    config: Path | None = None
    as_json: bool = False
    log_format: str = "text"
    verbosity: int = 0
    no_input: bool = False
    yes: bool = False
    version: bool = False


def extract(arguments: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """The global options among `arguments`, and the rest in its order; `--` ends options as everywhere.

    Raises `UsageError` for an option without its value and for an unknown log format.
    """
    switched: set[str] = set()
    given: dict[str, str] = {}
    verbosity = 0
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in _SWITCHES:
            switched.add(_SWITCHES[argument])
        elif name in _VALUES:
            given[name] = value if equals else next(waiting, "")
            if not given[name] or (not equals and given[name].startswith("-")):
                raise UsageError(f"option {name} needs a value", hint="`migrator --help` lists all options.")
        elif (step := _verbosity_step(argument)) is not None:
            verbosity += step
        else:
            rest.append(argument)
    log_format = given.get("--log-format", "text")
    if log_format not in _LOG_FORMATS:
        raise UsageError(f"option --log-format: expected text or json, not {log_format!r}")
    options = GlobalOptions(
        config=Path(given["--config"]).expanduser() if "--config" in given else None,
        as_json="as_json" in switched,
        log_format=log_format,
        verbosity=max(-1, min(verbosity, 2)),
        no_input="no_input" in switched,
        yes="yes" in switched,
        version="version" in switched,
    )
    return options, rest


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether errors are to be JSON, even when `extract` refuses the arguments."""
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before


def _verbosity_step(argument: str) -> int | None:
    if argument in _LOUDER or argument in _QUIETER:
        return 1 if argument in _LOUDER else -1
    short = argument.startswith("-") and not argument.startswith("--") and len(argument) > 1
    if short and set(argument[1:]) <= {"v", "q"}:
        return argument.count("v") - argument.count("q")
    return None
