"""What a command answers: text for people, a document for scripts, and an exit code."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.errors import ExitCode, MigratorError


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one command; `document` is what `--json` prints, and carries `exit_code` itself."""

    text: str
    document: dict[str, object]
    exit_code: ExitCode = ExitCode.DONE
    failure: MigratorError | None = None
    """What ended the command early, after which its books were still closed."""
