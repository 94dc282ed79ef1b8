"""ActiveCollab's XML documents as readings: what each root holds, and what a document says that holds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import BinaryIO, cast

from lxml import etree

from migrator.activecollab.elements import PLACEHOLDER, children_named
from migrator.activecollab.fragments import kept
from migrator.activecollab.html_text import html_to_text
from migrator.activecollab.record_values import RECORD_NAMES
from migrator.activecollab.xml_bytes import Utf8Source
from migrator.activecollab.xml_faults import UnreadableError
from migrator.activecollab.xml_masters import MasterReader
from migrator.activecollab.xml_pieces import Piece, Pieces, opening_of
from migrator.activecollab.xml_prologue import HEAD, inspect, note_of
from migrator.activecollab.xml_records import RecordReader
from migrator.activecollab.xml_shortcut import Shortcut
from migrator.activecollab.xml_skim import Skimmer
from migrator.activecollab.xml_stream import HARDENED, Broken, Parser, first_element
from migrator.core.model import DocumentNote, DocumentProblem, Origin, Reading, Rejected, Skimmed, SourceId

_MESSAGES = ("message", "field_errors")
_LONGEST_MESSAGE = 300

_WITHOUT_CONTENT = frozenset(
    {"api_is_alive", "assignments", "attachments", "categories", "comments", "currencies", "day_offs"}
    | {"discussion", "discussions", "expense_categories", "files", "info", "invoices", "labels", "languages"}
    | {"milestone", "milestones", "notebook", "notebooks", "project_group", "project_groups", "roles"}
    | {"status_updates", "subtask", "subtasks"}
)
"""Answers of ActiveCollab that hold nothing to move."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one root is read: which elements of it, or the root itself when it is no listing, and by what.

    Time records are read by `RecordReader`, so `read` is for everything else.
    """

    names: frozenset[str]
    listing: bool
    read: Callable[[etree._Element], Iterator[Reading]] | None

    @property
    def time(self) -> bool:
        return self.read is None


def read_document(
    stream: BinaryIO, name: str, *, timezone: tzinfo, today: date, project_id: SourceId | None = None
) -> Iterator[Reading]:
    """Everything the document in `stream` tells, element by element, in the order it is written.

    Moments without a zone are in `timezone`; days more than a year after `today` are refused. `project_id` is the
    project whose list this is, for records that name none themselves. A document that
    is not, or not wholly, XML of ActiveCollab yields a `DocumentProblem`, after what came before the damage.
    Only an `OSError` of the stream itself is left to the caller.
    """
    # What is skimmed is left out of the type, because nothing is.
    return cast("Iterator[Reading]", _document(stream, name, timezone, today, project_id, skim=False))


def skim_document(stream: BinaryIO, name: str, *, timezone: tzinfo, today: date) -> Iterator[Reading | Skimmed]:
    """As `read_document`, for a document that was read whole before: most of its time records are left unread."""
    return _document(stream, name, timezone, today, None, skim=True)


def _document(
    stream: BinaryIO, name: str, timezone: tzinfo, today: date, project_id: SourceId | None, *, skim: bool
) -> Iterator[Reading | Skimmed]:
    head = head_of(stream)
    prologue = inspect(head)
    markup = head[prologue.skip :]
    if prologue.objection:
        yield DocumentProblem(Origin(name, 0), prologue.objection, usable_part=False)
        return
    if prologue.note:
        yield DocumentNote(Origin(name, 1), prologue.note)
    masters = MasterReader(name)
    records = RecordReader(masters, timezone=timezone, today=today, project_id=project_id)
    anything = False
    try:
        root = first_element(markup)
        kind = _kinds(masters).get(root)
        if kind is None or b"<message" in markup or b"<field_errors" in markup:
            _object_to_root(root, markup, known=kind is not None)
        if kind is not None:
            readings = _read(Utf8Source(markup, stream), prologue.lines, kind, masters, records, skim=skim)
            for first in readings:
                anything = True
                yield first
                yield from readings
    except UnreadableError as fault:
        yield DocumentProblem(Origin(name, fault.line), fault.message, usable_part=anything)


def head_of(stream: BinaryIO) -> bytes:
    """What a document begins with, taken off the stream."""
    pieces: list[bytes] = []
    missing = HEAD
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _kinds(masters: MasterReader) -> dict[str, _Kind]:
    kinds: dict[str, _Kind] = {}

    def kind(
        read: Callable[[etree._Element], Iterator[Reading]] | None,
        single: str,
        *listings: str,
        also: frozenset[str] = frozenset(),
    ) -> None:
        kinds[single] = _Kind(frozenset({single}), listing=False, read=read)
        for listing in listings:
            # Documentation shows a listing whose children repeat its own name: <notebooks><notebooks>.
            kinds[listing] = _Kind(also | {single, listing}, listing=True, read=read)

    kind(None, "time_record", "time_records", also=RECORD_NAMES)
    kind(None, "tracking_object", "tracking_objects", also=RECORD_NAMES)
    kind(None, "expense", "expenses", also=RECORD_NAMES)
    kind(masters.company, "company", "companies", "people")
    kind(masters.user, "user", "users")
    kind(masters.user, "leader")
    kind(masters.project_user, "project_user", "project_users")
    kind(masters.project, "project", "projects")
    kind(masters.task, "ticket", "tickets", also=frozenset({"task"}))
    kind(masters.task, "task", "tasks", also=frozenset({"ticket"}))
    kind(masters.tasks_inside, "page", "pages")
    kind(masters.tasks_inside, "checklist", "checklists")
    kind(masters.job_type, "job_type", "job_types")
    return kinds


def _read(
    source: Utf8Source, lines: int, kind: _Kind, masters: MasterReader, records: RecordReader, *, skim: bool
) -> Iterator[Reading | Skimmed]:
    opening = opening_of(source.head)
    assert opening is not None, "first_element found it"
    flat = RECORD_NAMES if kind.time else frozenset[str]()
    pieces = Pieces(source, opening, listing=kind.listing, line=lines + 1, flat=flat)
    parser = Parser(opening if kind.listing else None)
    records.within(opening)
    shortcut = Shortcut(records, parser)
    skimmer = Skimmer(records, shortcut, opening)
    while True:
        if kind.time:
            # A single record is no list: its end is the end of the document.
            if skim and kind.listing:
                yield from skimmer.skim(pieces)
            yield from shortcut.read(pieces)
        piece = pieces.next()
        if piece is None:
            if told := note_of(pieces.notices, "between or behind the elements"):
                yield DocumentNote(masters.origin_at(pieces.line), told)
            return
        masters.line_before = parser.line_before(piece)
        if not piece.name:
            # Documentation leaves out whole elements, too.
            if piece.raw.strip() != PLACEHOLDER.encode():
                yield _between(piece, masters.origin_at(piece.line))
        elif piece.local_name not in kind.names:
            yield from _stray(piece, parser, opening.local_name, kind, masters)
        elif kind.read is None:
            yield from shortcut.read_long(piece)
        else:
            yield from _master(piece, parser, kind.read, masters)


def _master(
    piece: Piece, parser: Parser, read: Callable[[etree._Element], Iterator[Reading]], masters: MasterReader
) -> Iterator[Reading]:
    origin = masters.origin_at(piece.line)
    parsed = parser.parse(piece)
    if isinstance(parsed, Broken):
        yield DocumentProblem(origin, f"{piece.local_name} left out: {parsed.meaning}", usable_part=True)
        return
    yield from read(parsed.element)
    for warning in parsed.warnings:
        yield DocumentNote(origin, f"{piece.local_name}: {warning}")


def _between(piece: Piece, origin: Origin) -> Reading:
    """Text between elements says nothing; a tag there may have been a record."""
    if piece.raw.startswith(b"<"):
        return DocumentProblem(origin, "something that is no element stands between the elements", usable_part=True)
    return DocumentNote(origin, "text stands between the elements and was passed over")


def _stray(piece: Piece, parser: Parser, root: str, kind: _Kind, masters: MasterReader) -> Iterator[Reading]:
    """An element of another name, if it holds elements: a record under a strange name must not vanish."""
    parsed = parser.parse(piece)
    if not isinstance(parsed, Broken) and not len(parsed.element):
        return
    origin, shown = masters.origin_at(piece.line), f"<{piece.local_name[:60]}>"
    if kind.time:
        fragment = kept(piece.raw)
        yield Rejected(origin, None, field="element", value=shown, expected="<time_record>", fragment=fragment)
    else:
        yield DocumentProblem(origin, f"{shown} inside <{root}> is not known and was left out", usable_part=True)


def _object_to_root(root: str, markup: bytes, *, known: bool) -> None:
    """Raise `UnreadableError` for an error document and for a root that no command of ActiveCollab answers with."""
    told = _error_told(markup)
    if told:
        raise UnreadableError(0, f"ActiveCollab answered with an error: {told}")
    if not known and root not in _WITHOUT_CONTENT:
        expected = "time_records, tracking_objects, projects, people, users, tickets, tasks or job_types"
        raise UnreadableError(0, f"<{root[:60]}> is no document of ActiveCollab that can be read; expected {expected}")


def _error_told(markup: bytes) -> str:
    """The message of an error document, whatever its root is called; empty when this is none."""
    try:
        root = etree.fromstring(markup, etree.XMLParser(**HARDENED))
    except etree.XMLSyntaxError:
        return ""  # damaged, or longer than a head: then it is read, and judged, as what it claims to be
    if any(True for _ in children_named(root, "id", *RECORD_NAMES)):
        return ""
    told = "; ".join(" ".join(child.itertext()) for child in children_named(root, *_MESSAGES))
    return " ".join(html_to_text(told).split())[:_LONGEST_MESSAGE]
