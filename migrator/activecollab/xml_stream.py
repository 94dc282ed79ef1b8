"""A document of any length, element by element, in constant memory, with every dangerous part of XML off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, TypedDict

from lxml import etree

from migrator.activecollab.elements import local_name
from migrator.activecollab.xml_faults import explain
from migrator.activecollab.xml_prologue import HEAD

MOST_BYTES_PER_ELEMENT = 32_000_000
"""A record, or a company with its people, is held in memory whole; a longer one is no honest document."""


class _Options(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    dtd_validation: bool
    attribute_defaults: bool
    huge_tree: bool
    recover: bool
    remove_comments: bool
    remove_pis: bool


HARDENED: Final[_Options] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
}


class UnreadableError(Exception):
    """The document cannot be read further; `line` counts from the markup on, 0 = unknown."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class _TooLongError(Exception):
    """One element did not end within `MOST_BYTES_PER_ELEMENT`."""


class Source:
    """A document as the parser reads it: from the markup on, and never too much of one element.

    Being a plain stream it also keeps libxml2 from unpacking compressed files by itself.
    """

    def __init__(self, markup: bytes, stream: BinaryIO) -> None:
        self._markup = markup
        self._stream = stream
        self._since_element = 0
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises `_TooLongError` and what the stream raises."""
        piece = self._markup[:size] if self._markup else self._stream.read(size)
        self._markup = self._markup[len(piece) :]
        self._since_element += len(piece)
        if self._since_element > MOST_BYTES_PER_ELEMENT:
            raise _TooLongError
        self._tail = (self._tail + piece[-256:])[-256:]
        return piece

    def element_ended(self) -> None:
        """Begin to count the bytes of the next element."""
        self._since_element = 0

    def ends_with(self, root: str) -> bool:
        """Whether what was read so far ends with the end of `root`."""
        name = re.escape(root.encode())
        end = rb"<(?:/(?:[\w.-]{1,40}:)?%b\s*|%b\b[^<>]*/)>\s*\Z" % (name, name)
        return re.search(end, self._tail) is not None


def first_element(markup: bytes) -> str:
    """The name of the root, which must begin within `markup`; raises `UnreadableError`.

    Behind the beginning of the root no document type declaration can follow, so none is ever acted on.
    """
    parser = etree.XMLPullParser(events=("start",), **HARDENED)
    whole = len(markup) < HEAD
    fault = UnreadableError(
        0, "no element in the document" if whole else f"no element begins within the first {HEAD} bytes"
    )
    try:
        parser.feed(markup)
    except etree.XMLSyntaxError as error:
        fault = UnreadableError(*explain(error, error.error_log, complete=not whole))
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            if element.getroottree().docinfo.internalDTD is not None:
                raise UnreadableError(1, "the document has a document type declaration (<!DOCTYPE>)")
            return local_name(element)
    raise fault


def stream_elements(source: Source, root: str, names: frozenset[str], *, listing: bool) -> Iterator[etree._Element]:
    """The elements to read: the children of the root of a listing, else the root itself.

    Of a listing's children those in `names` come whole, and those with another name if they hold elements: a
    record under a strange name must not vanish. Each is emptied when the next is asked for. Raises
    `UnreadableError` when the document ends or breaks too early, after the elements before.
    """
    parsed = etree.iterparse(source, events=("end",), tag=[f"{{*}}{name}" for name in names | {root}], **HARDENED)
    try:
        for _, element in parsed:
            parent = element.getparent()
            if parent is None:
                yield from (child for child in element if len(child)) if listing else (element,)
            elif listing and parent.getparent() is None:
                while (passed := element.getprevious()) is not None:
                    if len(passed):
                        yield passed
                    parent.remove(passed)
                yield element
                element.clear()
                source.element_ended()
    except etree.XMLSyntaxError as error:
        raise UnreadableError(*explain(error, parsed.error_log, complete=source.ends_with(root))) from None
    except _TooLongError:
        limit = f"{MOST_BYTES_PER_ELEMENT // 1_000_000} MB"
        raise UnreadableError(0, f"one element is longer than {limit}; the rest was not read") from None
