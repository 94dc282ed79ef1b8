"""Every exception of the product, grouped by what the caller should do.

::

    MigratorError                 exit 1
    ├── UsageError                exit 2    fix the command or the configuration
    │   └── ConfigurationError              … several problems, all at once
    ├── TryAgainLater             exit 5    nothing is wrong here: network, rate limit, 5xx, unsettled writes
    ├── BooksDoNotBalance         exit 6    a record or second is unaccounted for: stop, look
    ├── RefusedByGate             exit 7    a person must act: stale plan, wrong pair of accounts, gates
    ├── LimitReached              exit 8    a limit the user set; running again resumes
    ├── DatabaseNotReady          exit 10   no database, or its schema needs `db upgrade`
    │   └── DatabaseUnreachable                 … it may come back by itself
    ├── LockedByAnotherRun        exit 11   another run holds the lease
    └── LoginRefused              exit 12   key refused, or a permission is missing

`message` says what, where and what was expected; `hint` says what to do next. The command line turns them into
text or JSON; nothing below it prints.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script may rely on; see `severest` for which one wins."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    NEEDS_A_PERSON = 3
    DIFFERENCES = 4
    TRY_AGAIN = 5
    UNBALANCED = 6
    GATE = 7
    LIMIT = 8
    DATABASE = 10
    LOCKED = 11
    LOGIN = 12
    INTERRUPTED = 130


_SEVERITY = (
    ExitCode.INTERRUPTED,
    ExitCode.UNBALANCED,
    ExitCode.LOGIN,
    ExitCode.GATE,
    ExitCode.LOCKED,
    ExitCode.DATABASE,
    ExitCode.TRY_AGAIN,
    ExitCode.ERROR,
    ExitCode.USAGE,
    ExitCode.LIMIT,
    ExitCode.DIFFERENCES,
    ExitCode.NEEDS_A_PERSON,
    ExitCode.DONE,
)


def severest(*codes: ExitCode) -> ExitCode:
    """The most severe of `codes`; `DONE` when there is none."""
    return min(codes, key=_SEVERITY.index, default=ExitCode.DONE)


class MigratorError(Exception):
    """Something went wrong that no more particular class names."""

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MigratorError):
    """The command or a file named in it is wrong: nothing was done."""

    exit_code = ExitCode.USAGE


class ConfigurationError(UsageError):
    """The configuration cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: tuple[str, ...], *, hint: str = "") -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = problems


class TryAgainLater(MigratorError):
    """The other side did not answer usefully; running the same command again is safe."""

    exit_code = ExitCode.TRY_AGAIN


class BooksDoNotBalance(MigratorError):
    """A record or second is in no final word, or in two: nothing more is written."""

    exit_code = ExitCode.UNBALANCED


class RefusedByGate(MigratorError):
    """A safety rule stopped the run before it wrote; a person must act.

    `gates` names those that can be passed by their name.
    """

    exit_code = ExitCode.GATE

    def __init__(self, message: str, *, hint: str = "", gates: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.gates = gates


class LimitReached(MigratorError):
    """A limit the user set was reached; running again resumes."""

    exit_code = ExitCode.LIMIT


class DatabaseNotReady(MigratorError):
    """There is no usable database, or its schema is not the one of this version."""

    exit_code = ExitCode.DATABASE


class DatabaseUnreachable(DatabaseNotReady):
    """Nobody answers at its address, or its file cannot be used at the moment: it may come back."""


class LockedByAnotherRun(MigratorError):
    """Another run holds the lease; the message names its host and process."""

    exit_code = ExitCode.LOCKED


class LoginRefused(MigratorError):
    """A key was refused, or it lacks a permission that the work needs."""

    exit_code = ExitCode.LOGIN
