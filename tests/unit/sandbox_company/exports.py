"""Reading an exported folder back, without anything of the product."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from lxml import etree


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file, by name."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def elements(folder: Path, pattern: str) -> Iterator[etree._Element]:
    """The children of the roots of all files that fit `pattern`; parsing fails where XML is malformed."""
    for path in sorted(folder.glob(pattern)):
        yield from etree.parse(path).getroot()


def tracked(folder: Path) -> Iterator[etree._Element]:
    """All time records of either generation, expenses left out."""
    return (each for each in elements(folder, "time-*.xml") if told(each, "class") != "Expense")


def told(element: etree._Element, path: str) -> str:
    """The text of a descendant without the blanks around it; empty when there is none."""
    return (element.findtext(path) or "").strip()
