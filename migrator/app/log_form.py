"""How an event is written: structlog's steps, with every secret masked last of all.

Imported when the first event is written: structlog brings Rich, Pygments and asyncio along, 5 to 15 MB.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Final

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from migrator.app.log import bound_facts
from migrator.app.secret import MASK, mask

_SECRET_KEY = re.compile(
    r"(api_?key|webhook_key|token|secret|passw(or)?d|authorization|cookie|credential)$", re.IGNORECASE
)

# Whose address it is, is in the database; the log gives ids. It may come with a server's answer or a library's words.
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_SOMEBODY: Final = "(an e-mail address)"


def _with_facts(_logger: object, _method: str, event: EventDict) -> EventDict:
    """What every event of the context carries, such as the run; ours, for binding must not import structlog."""
    return {**bound_facts(), **event}


_FIRST_STEPS: Final[tuple[Processor, ...]] = (
    _with_facts,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def formatter(*, as_json: bool) -> logging.Formatter:
    """Writes events, ours and those of libraries, as one JSON document each or as text."""
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_FIRST_STEPS, processors=_last_steps(as_json))


def logger_from(level: int) -> FilteringBoundLogger:
    """The logger of the program; events below `level` of `logging` cost nothing and go nowhere."""
    structlog.configure(
        processors=[*_FIRST_STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    bound: FilteringBoundLogger = structlog.get_logger("migrator")
    return bound


def _last_steps(as_json: bool) -> list[Processor]:
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # Plain text without local variables: those may hold a key or a person's words.
        structlog.processors.format_exc_info,
        mask_event,
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
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
            return _EMAIL.sub(_SOMEBODY, mask(str(value)))
