"""`config check` and `config show`."""

from __future__ import annotations

from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.config import Config, load, moco_problems, show, source_problems
from migrator.errors import ConfigurationError, ExitCode


def check(given: Path | None) -> Answer:
    """Every problem of the configuration, also what only a migration will miss; exit 2 when there is one."""
    try:
        config = load(given)
    except ConfigurationError as error:
        return _checked(error.problems, "")
    return _checked((*source_problems(config), *moco_problems(config)), str(config.path or "environment"))


def _checked(problems: tuple[str, ...], place: str) -> Answer:
    document: dict[str, object] = {
        "schema": "migrator.config-check/1",
        "ok": not problems,
        "problems": list(problems),
    }
    if not problems:
        return Answer(f"{place}: no problems", document, ExitCode.DONE)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return Answer("\n".join((*problems, count)), document, ExitCode.USAGE)


def show_all(config: Config) -> Answer:
    """Every setting with its value and where it came from; secrets are masked."""
    rows = show(config)
    widest = max(len(f"{key} = {value}") for key, value, _ in rows if len(value) < 40)
    lines = [f"{f'{key} = {value}':<{widest}}  # {source}" for key, value, source in rows]
    settings = [{"key": key, "value": value, "source": source} for key, value, source in rows]
    document: dict[str, object] = {"schema": "migrator.config-show/1", "settings": settings}
    return Answer("\n".join(lines), document, ExitCode.DONE)
