"""libxml2 with every dangerous part of XML off: the root of a document, and one element of it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypedDict

from lxml import etree

from migrator.activecollab.elements import local_name
from migrator.activecollab.xml_bytes import is_clean, mended, without_forbidden_references
from migrator.activecollab.xml_faults import UnreadableError, explain
from migrator.activecollab.xml_pieces import Opening, Piece, Whole, opening_of
from migrator.activecollab.xml_prologue import HEAD


class _Options(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    dtd_validation: bool
    attribute_defaults: bool
    huge_tree: bool
    remove_comments: bool
    remove_pis: bool


HARDENED: Final[_Options] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def first_element(markup: bytes) -> str:
    """The name of the root, whose start tag must stand within `markup`; raises `UnreadableError`.

    Behind the beginning of the root no document type declaration can follow, so none is ever acted on.
    """
    found = opening_of(markup)
    parser = etree.XMLPullParser(events=("start",), **HARDENED)
    whole = len(markup) < HEAD
    fault = UnreadableError(
        0, "no element in the document" if whole else f"no element begins within the first {HEAD} bytes"
    )
    try:
        parser.feed(markup if found is None else markup[: found.end])
    except etree.XMLSyntaxError as error:
        fault = UnreadableError(*explain(error, error.error_log, complete=not whole))
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            if element.getroottree().docinfo.internalDTD is not None:
                raise UnreadableError(1, "the document has a document type declaration (<!DOCTYPE>)")
            if found is not None and found.local_name == local_name(element):
                return found.local_name
    raise fault


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece that is not well-formed: why, and what could be made of it all the same, for its id."""

    meaning: str
    salvaged: etree._Element | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A piece as an element, and what was changed in its bytes before it could be one."""

    element: etree._Element
    warnings: tuple[str, ...]


class Parser:
    """Parses the pieces of one document, each inside the start tag of its root: that is where namespaces stand."""

    def __init__(self, context: Opening | None) -> None:
        self._before = b"<r>" if context is None else context.tag
        self._after = b"</r>" if context is None else b"</" + context.name + b">"
        self._lines = self._before.count(b"\n")
        self._parser = etree.XMLParser(**HARDENED)

    def line_before(self, piece: Piece) -> int:
        """What has to be added to the line of an element inside `piece` to get its line in the document."""
        return piece.line - 1 - self._lines

    def parse(self, piece: Piece) -> Parsed | Broken:
        """The one element that `piece` is."""
        raw, warnings = (piece.raw, ()) if is_clean(piece.raw) else mended(piece.raw)
        parsed = self._parsed(piece, raw)
        if isinstance(parsed, etree._Element):
            return Parsed(parsed, warnings)
        without, left_out = without_forbidden_references(raw)
        if left_out:
            parsed = self._parsed(piece, without)
            if isinstance(parsed, etree._Element):
                return Parsed(parsed, warnings + left_out)
        return parsed

    def _parsed(self, piece: Piece, raw: bytes) -> etree._Element | Broken:
        markup = self._before + raw + self._after
        try:
            root = etree.fromstring(markup, self._parser)
        except etree.XMLSyntaxError as error:
            # The log of the error itself begins with what other parsers of this thread complained about.
            meaning = explain(error, self._parser.error_log, complete=True)[1]
            # A parser that met one of its limits is not used again: the HTML one misreads what comes after.
            self._parser = etree.XMLParser(**HARDENED)
        else:
            if len(root) == 1 and piece.whole is Whole.YES:
                return root[0]
            meaning = "not well-formed XML: more, or less, than one element"
        if piece.whole is Whole.NO:
            meaning = f"not well-formed XML: the end tag </{piece.name[:60]}> is missing"
        return Broken(meaning, _salvaged(markup))


def _salvaged(markup: bytes) -> etree._Element | None:
    try:
        root = etree.fromstring(markup, etree.XMLParser(recover=True, **HARDENED))
    except etree.XMLSyntaxError:
        return None
    return next(iter(root), None) if root is not None else None
