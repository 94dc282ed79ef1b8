"""ActiveCollab's XML documents as readings: what each root holds, and what a document says that holds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import BinaryIO

from lxml import etree

from migrator.activecollab.elements import children_named, local_name
from migrator.activecollab.html_text import html_to_text
from migrator.activecollab.xml_masters import MasterReader
from migrator.activecollab.xml_prologue import HEAD, inspect
from migrator.activecollab.xml_records import RECORD_NAMES, RecordReader
from migrator.activecollab.xml_stream import HARDENED, Source, UnreadableError, first_element, stream_elements
from migrator.core.model import DocumentNote, DocumentProblem, Origin, Reading, Rejected

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
    """How one root is read: which elements of it, or the root itself when it is no listing, and by what."""

    names: frozenset[str]
    listing: bool
    read: Callable[[etree._Element], Iterator[Reading]]


def read_document(stream: BinaryIO, name: str, *, timezone: tzinfo, today: date) -> Iterator[Reading]:
    """Everything the document in `stream` tells, element by element, in the order it is written.

    Moments without a zone are in `timezone`; days more than a year after `today` are refused. A document that
    is not, or not wholly, XML of ActiveCollab yields a `DocumentProblem`, after what came before the damage.
    Only an `OSError` of the stream itself is left to the caller.
    """
    head = _head_of(stream)
    prologue = inspect(head)
    markup = head[prologue.skip :]
    if prologue.objection:
        yield DocumentProblem(Origin(name, 0), prologue.objection, usable_part=False)
        return
    if prologue.note:
        yield DocumentNote(Origin(name, 1), prologue.note)
    masters = MasterReader(name, line_offset=prologue.lines)
    records = RecordReader(masters, timezone=timezone, today=today)
    anything = False
    try:
        root = first_element(markup)
        kind = _kinds(masters, records).get(root)
        if kind is None or b"<message" in markup or b"<field_errors" in markup:
            _object_to_root(root, markup, known=kind is not None)
        if kind is not None:
            for reading in _read(Source(markup, stream), root, kind, masters):
                anything = True
                yield reading
    except UnreadableError as fault:
        line = fault.line + prologue.lines if fault.line else 0
        yield DocumentProblem(Origin(name, line), fault.message, usable_part=anything)


def _head_of(stream: BinaryIO) -> bytes:
    pieces: list[bytes] = []
    missing = HEAD
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _kinds(masters: MasterReader, records: RecordReader) -> dict[str, _Kind]:
    kinds: dict[str, _Kind] = {}

    def kind(
        read: Callable[[etree._Element], Iterator[Reading]], single: str, *listings: str, also: frozenset[str]
    ) -> None:
        kinds[single] = _Kind(frozenset({single}), listing=False, read=read)
        for listing in listings:
            # Documentation shows a listing whose children repeat its own name: <notebooks><notebooks>.
            kinds[listing] = _Kind(also | {single, listing}, listing=True, read=read)

    kind(records.record, "time_record", "time_records", also=RECORD_NAMES)
    kind(records.record, "tracking_object", "tracking_objects", also=RECORD_NAMES)
    kind(records.record, "expense", "expenses", also=RECORD_NAMES)
    kind(masters.company, "company", "companies", "people", also=frozenset())
    kind(masters.user, "user", "users", also=frozenset())
    kind(masters.user, "leader", also=frozenset())
    kind(masters.project_user, "project_user", "project_users", also=frozenset())
    kind(masters.project, "project", "projects", also=frozenset())
    kind(masters.task, "ticket", "tickets", also=frozenset({"task"}))
    kind(masters.task, "task", "tasks", also=frozenset({"ticket"}))
    kind(masters.tasks_inside, "page", "pages", also=frozenset())
    kind(masters.tasks_inside, "checklist", "checklists", also=frozenset())
    kind(masters.job_type, "job_type", "job_types", also=frozenset())
    return kinds


def _read(source: Source, root: str, kind: _Kind, masters: MasterReader) -> Iterator[Reading]:
    for element in stream_elements(source, root, kind.names, listing=kind.listing):
        if local_name(element) in kind.names:
            yield from kind.read(element)
        else:
            yield _stray(element, root, kind, masters.origin(element))


def _stray(element: etree._Element, root: str, kind: _Kind, origin: Origin) -> Reading:
    shown = f"<{local_name(element)[:60]}>"
    if RECORD_NAMES & kind.names:
        return Rejected(origin, None, field="element", value=shown, expected="<time_record>")
    return DocumentProblem(origin, f"{shown} inside <{root}> is not known and was left out", usable_part=True)


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
