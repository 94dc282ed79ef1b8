"""Packs members into ZIP files, honest ones and others."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path


def a_zip(path: Path, members: Mapping[str, bytes], *, method: int = zipfile.ZIP_STORED) -> Path:
    """A ZIP file at `path` with `members`."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
