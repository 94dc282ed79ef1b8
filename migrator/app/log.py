"""The story on stderr: which events are told, ours and those of libraries, as text or as JSON."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING, Final, ParamSpec, TextIO, TypeVar

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    _Handler = logging.StreamHandler[TextIO]
else:
    _Handler = logging.StreamHandler

P = ParamSpec("P")
R = TypeVar("R")

# Events are named noun_verb in the past; facts go beside them as keys: ids, never names or texts.
PHASE_STARTED: Final = "phase_started"
PHASE_ENDED: Final = "phase_ended"
NOTE_WRITTEN: Final = "note_written"
DELIVERY_HEARD: Final = "delivery_heard"
DELIVERY_REFUSED: Final = "delivery_refused"
DELIVERY_LEFT: Final = "delivery_left"
LISTENER_FAILED: Final = "listener_failed"
ALERT_SENT: Final = "alert_sent"
ALERT_NOT_SENT: Final = "alert_not_sent"
ALERT_GIVEN_UP: Final = "alert_given_up"
ALERTS_UNSAVED: Final = "alerts_unsaved"
HEARTBEAT_NOT_SENT: Final = "heartbeat_not_sent"
BUTTON_PRESSED: Final = "button_pressed"
LOGIN_FAILED: Final = "login_failed"
PAGE_NOT_SHOWN: Final = "page_not_shown"
ALARM_FAILED: Final = "alarm_failed"
SHIFT_BEGAN: Final = "shift_began"
SHIFT_LOST: Final = "shift_lost"
WORK_SKIPPED: Final = "work_skipped"
WORK_ENDED: Final = "work_ended"
WORK_FAILED: Final = "work_failed"
OUTCOME_LOST: Final = "outcome_lost"
CLOCK_JUMPED: Final = "clock_jumped"
WAITING: Final = "waiting"

_LEVELS: Final = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}
# Chatty at DEBUG, and with whole addresses; what we need to know about requests we log ourselves.
_QUIET_LIBRARIES: Final = ("urllib3", "requests", "werkzeug", "alembic", "waitress", "apscheduler", "sqlalchemy")

_RAISED_WITH: Final = "raised_with_facts"
"""Under this name an exception carries the facts of the innermost block it left, to whoever logs it further out."""

_facts: ContextVar[Mapping[str, object]] = ContextVar("facts of every event")


@contextmanager
def bound(**facts: object) -> Iterator[None]:
    """Put these facts, such as the run, into every event of this context, libraries' included.

    A new thread has a context of its own: start it with a function from `carried`.
    """
    token = _facts.set({**bound_facts(), **facts})
    try:
        yield
    except Exception as error:
        error.__dict__.setdefault(_RAISED_WITH, bound_facts())
        raise
    finally:
        _facts.reset(token)


def bound_facts() -> Mapping[str, object]:
    """What is in every event now."""
    return _facts.get({})


def carried(function: Callable[P, R]) -> Callable[P, R]:
    """The function with the facts of here, wherever it is called."""
    facts = bound_facts()

    def with_facts(*args: P.args, **kwargs: P.kwargs) -> R:
        with bound(**facts):
            return function(*args, **kwargs)

    return with_facts


class LogFormat(StrEnum):
    """How an event is written."""

    TEXT = "text"
    JSON = "json"


class _Stderr(_Handler):
    """Writes to whatever stderr is at that moment: a progress bar puts itself in between."""

    def __init__(self, log_format: LogFormat) -> None:
        logging.Handler.__init__(self)
        self._log_format = log_format

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        raise AttributeError("stderr is looked up for each event")

    def format(self, record: logging.LogRecord) -> str:
        if self.formatter is None:
            from migrator.app.log_form import formatter  # noqa: PLC0415 (most runs write no event)

            self.formatter = formatter(as_json=self._log_format is LogFormat.JSON)
        return self.formatter.format(record)


def configure(log_format: LogFormat = LogFormat.TEXT, verbosity: int = 0) -> None:
    """Send all events, ours and those of libraries, to stderr.

    Verbosity -1 shows errors, 0 warnings, 1 the story, 2 everything. May be called again.
    """
    level = _LEVELS.get(max(-1, min(verbosity, 2)), logging.DEBUG)
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _Stderr)]:
        root.removeHandler(old)
    root.addHandler(_Stderr(log_format))
    root.setLevel(level)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def tell(event: str, **facts: object) -> None:
    """An event of the story, for whoever asked for it with `-v`."""
    if logging.getLogger().isEnabledFor(logging.INFO):
        logger().info(event, **facts)


def warn(event: str, **facts: object) -> None:
    """An event that somebody should look at, shown without being asked for."""
    if logging.getLogger().isEnabledFor(logging.WARNING):
        logger().warning(event, **facts)


def failed(event: str, error: BaseException) -> None:
    """An event of a defect, with its traceback and the facts of where it was raised; never with local variables."""
    if logging.getLogger().isEnabledFor(logging.ERROR):
        with bound(**error.__dict__.get(_RAISED_WITH, {})):
            logger().error(event, error=type(error).__name__, exc_info=error)


def logger() -> FilteringBoundLogger:
    """The logger of the program, for events that are likely to be shown."""
    from migrator.app.log_form import logger_from  # noqa: PLC0415 (most runs write no event)

    return logger_from(logging.getLogger().level)
