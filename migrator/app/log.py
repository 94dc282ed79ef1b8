"""The story on stderr: structured events as text or JSON, with every secret masked last of all."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from migrator.app.secret import MASK, mask

if TYPE_CHECKING:
    _Handler = logging.StreamHandler[TextIO]
else:
    _Handler = logging.StreamHandler

# Events are named noun_verb in the past; facts go beside them as keys: ids, never names or texts.
PHASE_STARTED: Final = "phase_started"
PHASE_ENDED: Final = "phase_ended"
NOTE_WRITTEN: Final = "note_written"

_SECRET_KEY = re.compile(
    r"(api_?key|webhook_key|token|secret|passw(or)?d|authorization|cookie|credential)$", re.IGNORECASE
)
_LEVELS: Final = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}
# Chatty at DEBUG, and with whole addresses; what we need to know about requests we log ourselves.
_QUIET_LIBRARIES: Final = ("urllib3", "requests", "werkzeug", "alembic", "waitress")


class LogFormat(StrEnum):
    """How an event is written."""

    TEXT = "text"
    JSON = "json"


class _Stderr(_Handler):
    """Writes to whatever stderr is at that moment: a progress bar puts itself in between."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        raise AttributeError("stderr is looked up for each event")


def configure(log_format: LogFormat = LogFormat.TEXT, verbosity: int = 0) -> None:
    """Send all events, ours and those of libraries, to stderr.

    Verbosity -1 shows errors, 0 warnings, 1 the story, 2 everything. May be called again.
    """
    level = _LEVELS.get(max(-1, min(verbosity, 2)), logging.DEBUG)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last_steps(log_format))
    )
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _Stderr)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def logger() -> FilteringBoundLogger:
    """The logger of the program."""
    bound: FilteringBoundLogger = structlog.get_logger("migrator")
    return bound


def _last_steps(log_format: LogFormat) -> list[Processor]:
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # Plain text without local variables: those may hold a key or a person's words.
        structlog.processors.format_exc_info,
        mask_event,
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        ),
    ]


def mask_event(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Take secrets out of an event: by the name of the key, and by value anywhere in it.

    Runs last before the renderer, so that nothing can bring one back.
    """
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: object, value: object) -> object:
    if isinstance(key, str) and _SECRET_KEY.search(key):
        return value if value is None or isinstance(value, bool) else MASK
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {mask(str(name)): _masked(name, one) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked("", one) for one in value]
        case _:
            return mask(str(value))
