"""What the product logs while something happens: kept until it is known whether somebody has to look at it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from migrator.app.log_form import formatter

LONGEST = 2000
"""Lines that are kept, the newest."""


class Story(logging.Handler):
    """The log of what is under way, in memory; everybody else's handlers of the log are left alone."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(formatter(as_json=False))
        self._lines: deque[str] = deque(maxlen=LONGEST)

    @contextmanager
    def heard(self) -> Iterator[Story]:
        """Hear what is logged within the block."""
        logging.getLogger().addHandler(self)
        try:
            yield self
        finally:
            logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, with its traceback."""
        self._lines.append(self.format(record))

    def told(self) -> list[str]:
        """What was logged since the last time, and forget it."""
        # Threads of both simulations may log meanwhile.
        return [self._lines.popleft() for _ in range(len(self._lines))]
