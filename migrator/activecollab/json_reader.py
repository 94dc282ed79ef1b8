"""ActiveCollab's JSON documents as readings: lists, single objects, and what a document says that holds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import BinaryIO, assert_never

from migrator.activecollab.elements import Texts
from migrator.activecollab.html_text import html_to_text
from migrator.activecollab.json_bytes import CleanBytes
from migrator.activecollab.json_kinds import Kind, class_of, kind_of, kind_under, record_name
from migrator.activecollab.json_prologue import inspect_json
from migrator.activecollab.json_stream import Json, Piece, Repeated, UnreadableJsonError, Whole, stream_json
from migrator.activecollab.json_texts import (
    digest_of,
    generation_5,
    json_texts,
    readable_form,
    site_of,
    tell_archived,
    tell_project,
)
from migrator.activecollab.xml_fields import record_tables
from migrator.activecollab.xml_masters import WANTED, MasterReader, own_id, own_project
from migrator.activecollab.xml_records import RecordReader, wanted_of
from migrator.core.model import DocumentNote, DocumentProblem, Origin, Reading, Rejected, SourceId

_LONGEST_MESSAGE = 300
_EXPECTED = "time_records, tracking objects, projects, companies, users, tasks or job_types"
_INFO = frozenset({"api_version", "system_version", "application", "api_is_alive"})


def read_json_document(
    stream: BinaryIO,
    name: str,
    *,
    timezone: tzinfo,
    today: date,
    base_url: str = "",
    project_id: SourceId | None = None,
) -> Iterator[Reading]:
    """Everything the JSON document in `stream` tells, object by object, in the order it is written.

    Read are the answers of generation 5 (5.x to 7.x, cloud) and what 2.x to 4.x answer to `format=json`. The
    "line" of an origin is the ordinal of the object in its document, and `fragment_hash` is over the object with
    sorted keys, because a streaming parser tells neither lines nor bytes. `base_url` is the address of the API
    or of the site; paths such as `/projects/1` become permalinks on it. Otherwise as `read_document` does it.
    """
    prologue = inspect_json(stream)
    if prologue.objection:
        yield DocumentProblem(Origin(name, 0), prologue.objection, usable_part=False)
        return
    if prologue.note:
        yield DocumentNote(Origin(name, 0), prologue.note)
    reader = _Reader(name, timezone=timezone, today=today, site=site_of(base_url), project_id=project_id)
    clean, anything = CleanBytes(prologue.head, stream), False
    try:
        for part in stream_json(clean):
            for reading in reader.read(part):
                anything = anything or not isinstance(reading, DocumentProblem)
                yield reading
    except UnreadableJsonError as fault:
        yield DocumentProblem(Origin(name, 0), str(fault), usable_part=anything)
    if clean.mends:
        yield DocumentNote(Origin(name, 0), f"in this document {' and '.join(sorted(clean.mends))}")


class _Reader:
    """Reads the pieces of one document."""

    def __init__(self, name: str, *, timezone: tzinfo, today: date, site: str, project_id: SourceId | None) -> None:
        self._name = name
        self._site = site
        self._masters = MasterReader(name)
        self._records = RecordReader(self._masters, timezone=timezone, today=today, site=site, project_id=project_id)
        generation_2, generation_3 = map(generation_5, record_tables(timezone=timezone, today=today))
        self._tables = {False: generation_2, True: generation_3}
        self._record_names = wanted_of(generation_2, generation_3)
        self._ordinal = 0
        self._understood = False
        self._field_errors: Json = None
        self._complained: set[str] = set()

    def read(self, part: Piece | Whole) -> Iterator[Reading]:
        """What one part of the document tells."""
        self._ordinal += 1
        match part:
            case Piece(keys, value):
                yield from self._piece(keys, value)
            case Whole(value):
                yield from self._whole(value)
            case _:
                assert_never(part)

    def _piece(self, keys: tuple[str, ...], value: Json) -> Iterator[Reading]:
        names = [key for key in keys if not key.isdigit()]
        key = names[-1] if names else ""
        expected = not names or names == ["single"]
        if keys == ("field_errors",):
            self._field_errors = value
        elif isinstance(value, dict):
            yield from self._object(value, key, expected=expected)
        elif expected or (kind_under(key) is not None and "related" not in keys and not _in_trash(keys, value)):
            yield from self._no_object(key, value)

    def _object(self, one: dict[str, Json], key: str, *, expected: bool) -> Iterator[Reading]:
        kind = kind_of(one, key)
        if kind is not None:
            self._understood = True
            yield from self._told(kind, one, key)
        elif expected and not _is_error(one):
            named = class_of(one)
            what = f"an object of class {named[:60]!r}" if named else "an object without class"
            yield from self._complain(f"{what} is not known and was left out; expected {_EXPECTED}")

    def _no_object(self, key: str, value: Json) -> Iterator[Reading]:
        # Never the value itself, which can be an API key.
        shown = _sort_of(value)
        if kind_under(key) is Kind.RECORD:
            yield Rejected(self._origin(), None, field="element", value=shown, expected="the object of a time record")
        else:
            yield from self._complain(f"{shown} stands where an object was expected, and was left out")

    def _whole(self, value: Json) -> Iterator[Reading]:
        """Judge what is left of the document when its pieces are read."""
        if not isinstance(value, dict):
            return  # a list, or null, which 3.x and later write for an empty one
        if "id" in value:
            yield from self._object(value, "", expected=True)
        elif told := _error_in(value, self._field_errors):
            yield DocumentProblem(
                Origin(self._name, 0), f"ActiveCollab answered with an error: {told}", self._understood
            )
        elif self._understood or _is_trash(value) or not _INFO.isdisjoint(value):
            return
        elif lists := [key for key in value if kind_under(key) is not None]:
            for key in lists:
                if value[key] not in (None, [], {}):
                    yield from self._complain(f"{key} holds {_sort_of(value[key])} where a list was expected")
        else:
            held = ", ".join(key[:40] for key in list(value)[:5])
            reason = f"this is no document of ActiveCollab that can be read; expected {_EXPECTED}"
            yield from self._complain(f"{reason}, not {held}" if held else reason)

    def _complain(self, message: str) -> Iterator[Reading]:
        """Object to something in the document, once in the same words."""
        if message not in self._complained:
            self._complained.add(message)
            yield DocumentProblem(self._origin(), message, usable_part=self._understood)

    def _origin(self) -> Origin:
        return Origin(self._name, self._ordinal)

    # -- the kinds of objects ----------------------------------------------------------------------------------

    def _told(self, kind: Kind, one: dict[str, Json], key: str) -> Iterator[Reading]:
        origin = self._origin()
        match kind:
            case Kind.RECORD:
                yield from self._record(one, key, origin)
            case Kind.COMPANY:
                texts = self._texts(one)
                yield from self._masters.company_told("company", texts, origin)
                for user in _objects_in(one, "users"):
                    yield from self._masters.user_told("user", self._texts(user), origin, own_id(texts))
            case Kind.USER:
                yield from self._masters.user_told("user", self._texts(one), origin)
            case Kind.PROJECT_USER:
                yield from self._masters.project_user_told("project_user", self._texts(one), origin)
            case Kind.PROJECT:
                yield from self._masters.project_told("project", self._texts(one, when_completed=True), origin)
            case Kind.TASK:
                yield from self._masters.task_told("task", self._texts(one), origin)
                yield from self._tasks_inside(one, origin)
            case Kind.TASKS_INSIDE:
                yield from self._tasks_inside(one, origin)
            case Kind.JOB_TYPE:
                yield from self._masters.job_type_told("job_type", self._texts(one), origin)
            case Kind.NOTHING:
                pass
            case _:
                assert_never(kind)

    def _record(self, one: dict[str, Json], key: str, origin: Origin) -> Iterator[Reading]:
        texts = json_texts(one, self._record_names, self._site)
        tell_project(texts)
        table = self._tables["class" in texts.values]
        name = record_name(one, key)
        yield from self._records.told(
            name, texts, table, origin, lambda: digest_of(one).encode(), lambda: readable_form(one)
        )

    def _tasks_inside(self, one: dict[str, Json], origin: Origin) -> Iterator[Reading]:
        project_id = own_project(self._texts(one))
        for task in _objects_in(one, "tasks"):
            yield from self._masters.task_told("task", self._texts(task), origin, project_id)

    def _texts(self, one: dict[str, Json], *, when_completed: bool = False) -> Texts:
        texts = json_texts(one, WANTED, self._site)
        tell_archived(texts, when_completed=when_completed)
        return texts


def _objects_in(one: dict[str, Json], key: str) -> Iterator[dict[str, Json]]:
    inside = one.get(key)
    members = list(inside.values()) if isinstance(inside, dict) else inside
    if isinstance(members, list):
        yield from (member for member in members if isinstance(member, dict))


def _sort_of(value: Json) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes or no"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict() | Repeated():
            return "an object"
        case _:
            return "a number"


def _is_trash(whole: dict[str, Json]) -> bool:
    """Whether this is the trash: maps of names by class and id, which came in pieces."""
    return bool(whole) and all(key[:1].isupper() and value == {} for key, value in whole.items())


def _in_trash(keys: tuple[str, ...], value: Json) -> bool:
    return len(keys) == 2 and keys[0][:1].isupper() and isinstance(value, str)


def _is_error(one: dict[str, Json]) -> bool:
    return "id" not in one and ("message" in one or "field_errors" in one or "object_fields" in one)


def _error_in(whole: dict[str, Json], field_errors: Json) -> str:
    """The message of an error answer (fact sheet §1.4); empty when this is none."""
    if not _is_error(whole):
        return ""
    said = [*_texts_in(whole.get("message")), *_texts_in(field_errors)]
    told = " ".join(html_to_text("; ".join(said)).split())[:_LONGEST_MESSAGE]
    return told or "it refused what it was sent, and does not say why"


def _texts_in(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts_in(inner)
        case list() | Repeated(values=tuple()):
            for inner in value.values if isinstance(value, Repeated) else value:
                yield from _texts_in(inner)
        case _:
            return
