"""Files that a command writes because a person asked for them: whole or not at all, and for their owner only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from migrator.errors import UsageError


def write_private(path: Path, text: str) -> None:
    """Write a text to `path`; raises `UsageError` where that is not possible."""
    with private_file(path) as stream:
        stream.write(text.encode())


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is at `path` once the `with` block ends well, and leaves what was there alone otherwise.

    Raises `UsageError` where no file can be written.
    """
    hint = "name a file in a folder that you may write to"
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint=hint) from None
    part = Path(name)
    try:
        # What `mkstemp` makes is for its owner only.
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
        try:
            part.replace(path)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}", hint=hint) from None
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
