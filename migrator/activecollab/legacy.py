"""What generations 2 and 3 share: commands in `path_info`, answers in XML, every list in one piece."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date

from migrator.activecollab.address import Params
from migrator.activecollab.client import (
    ActiveCollabRefused,
    Gone,
    Info,
    Invisible,
    Listing,
    Present,
    Trashed,
    Unknown,
    Whereabouts,
)
from migrator.activecollab.conversation import ConversingClient, ReadListing, Verdict
from migrator.activecollab.requested import require_record, require_some_change, require_time
from migrator.activecollab.system_info import read_info
from migrator.activecollab.wire import Answer
from migrator.activecollab.xml_prologue import is_only_notices
from migrator.activecollab.xml_reader import read_document
from migrator.core.model import (
    LIVE,
    Company,
    FoundEntry,
    FoundMaster,
    Project,
    Reading,
    Rejected,
    SourceId,
    User,
)

OLDER_SERVER = frozenset({404, 500})
"""What an archive's command may answer where the server does not know it; an archive of names may be missing."""
NOTHING: frozenset[int] = frozenset()

NOT_SHOWN = "it was accepted, but the answer does not show the record; look before you repeat it"

_RECORD_ROOTS = ("time_record", "tracking_object")
_TAIL = 20_000
"""Bytes at the end of an answer among which its root must end; PHP's notices may follow."""


class LegacyClient(ConversingClient):
    """One server of 1.x to 4.x; `prefix` is the name that the fields of a time record are sent under."""

    prefix: str

    @property
    def filters_by_day(self) -> bool:
        """Never: no legacy command filters by day."""
        return False

    def listing_cost(self, records: int) -> int:
        """One request, however many records."""
        return 1

    def fetch_info(self) -> Info:
        """What the server says of itself."""
        with closing(self._talk.fetch("info").body) as body:
            info = read_info(body)
        if info is None:
            raise ActiveCollabRefused(200, "the answer is no <info> document", (), command="info")
        return replace(info, generation=self.generation, user_id=info.user_id or self._talk.owner)

    def list_trash(self) -> frozenset[SourceId] | None:
        """None: there is no such list."""
        return None

    def find_time(self, project: Project, record_id: SourceId, task_number: int | None = None) -> Whereabouts:
        """Where one record is."""
        found: Whereabouts = Unknown("it was not looked for")
        for place in self._places(project, record_id, task_number):
            found = self._look(place, record_id)
            if not isinstance(found, Gone):
                return found
        return found

    def add_time(
        self,
        project: Project,
        *,
        user_id: SourceId,
        hours: str,
        day: date,
        billable_status: int = 0,
        text: str = "",
        task_id: SourceId | None = None,
        job_type_id: SourceId | None = None,
    ) -> FoundEntry:
        """Add a time record; person, hours and day are required before anything is sent."""
        require_time(user_id=user_id, hours=hours, day=day, billable_status=billable_status)
        fields = self._fields(user_id, hours, day, billable_status, text)
        if job_type_id is not None:
            fields["job_type_id"] = str(job_type_id)
        command = self._place_to_add(project, task_id, fields)
        with closing(self._talk.write("POST", command, self._form(fields)).body) as body:
            return self._shown(command, Answer(200, {}, body))

    def edit_time(
        self,
        project: Project,
        record_id: SourceId,
        *,
        user_id: SourceId | None = None,
        hours: str | None = None,
        day: date | None = None,
        billable_status: int | None = None,
        text: str | None = None,
    ) -> FoundEntry:
        """Change some fields; gives the record as the server shows it afterwards."""
        fields = self._fields(user_id, hours, day, billable_status, text)
        require_some_change(record_id, fields, hours=hours, billable_status=billable_status)
        place = self._place_of(project, record_id)
        # Whether an edit may leave out what an addition requires is not documented, so it is sent as it stands.
        now = self._shown(place, self._talk.fetch(place), "it cannot be read as it stands; nothing was sent").entry
        standing = self._fields(now.user_id, now.hours_raw, now.day, None, None)
        self._talk.write("POST", f"{place}/edit", self._form(standing | fields)).body.close()
        # The answer to an edit may be empty, and shows another creator than the record has (fact sheet §2.4).
        return self._shown(place, self._talk.fetch(place))

    def trash_time(self, project: Project, record_id: SourceId) -> None:
        """Move a time record to the trash."""
        require_record(record_id)
        self._talk.write("POST", self._place_to_trash(project, record_id), self._form({})).body.close()

    @abstractmethod
    def _places(self, project: Project, record_id: SourceId, task_number: int | None) -> Iterator[str]:
        """The commands that may show one record."""

    @abstractmethod
    def _place_of(self, project: Project, record_id: SourceId) -> str:
        """The command that shows one record for certain; raises `ActiveCollabRefused` when none does."""

    @abstractmethod
    def _place_to_add(self, project: Project, task_id: SourceId | None, fields: dict[str, str]) -> str:
        """The command that adds a record; puts into `fields` what says where it hangs."""

    @abstractmethod
    def _place_to_trash(self, project: Project, record_id: SourceId) -> str:
        """The command that moves a record to the trash."""

    def _listing(self, command: str, read: Callable[[Verdict], Iterator[Reading]]) -> Listing:
        return ReadListing(LIVE + command, read)

    def _part(
        self,
        command: str,
        roots: tuple[str, ...],
        verdict: Verdict,
        *,
        params: Params = (),
        tolerates: frozenset[int] = NOTHING,
    ) -> Iterator[Reading]:
        """Everything one command answers; anything but a whole document with one of `roots` is a problem."""
        answer = self._talk.ask(command, verdict, params, tolerates=tolerates)
        if answer is not None:
            with closing(answer.body):
                ends_as_expected = _ends_with(answer.tail(_TAIL), roots)
                answer.body.seek(0)
                yield from self._talk.readings(self._document(command, answer), verdict)
            if not ends_as_expected and not verdict:
                verdict.add(f"{LIVE}{command}: the answer is no whole <{roots[0]}>")

    def _document(self, command: str, answer: Answer) -> Iterator[Reading]:
        return read_document(
            answer.body,
            LIVE + command,
            timezone=self._timezone,
            today=self._today,
            project_id=project_named_in(command),
        )

    def _look(self, command: str, record_id: SourceId) -> Whereabouts:
        got = self._talk.look(command)
        if isinstance(got, Gone | Invisible | Unknown):
            return got
        verdict = Verdict()
        found: FoundEntry | None = None
        with closing(got.body):
            for reading in self._talk.readings(self._document(command, got), verdict):
                match reading:
                    case FoundEntry(entry=entry) if entry.id == record_id:
                        found = reading
                    case FoundEntry() | Rejected():
                        verdict.add("another record, or one that cannot be read, was shown")
                    case _:
                        continue
        if found is None:
            return Unknown(str(verdict) or "the answer shows no time record")
        return Trashed(found) if found.entry.trashed else Present(found)

    def _shown(self, command: str, answer: Answer, otherwise: str = NOT_SHOWN) -> FoundEntry:
        """The record that an answer shows; raises `ActiveCollabRefused` saying `otherwise` when there is none."""
        with closing(answer.body):
            for reading in self._document(command, answer):
                if isinstance(reading, FoundEntry):
                    return reading
        raise ActiveCollabRefused(answer.status, otherwise, (), command=command)

    def _fields(
        self,
        user_id: SourceId | None,
        hours: str | None,
        day: date | None,
        billable_status: int | None,
        text: str | None,
    ) -> dict[str, str]:
        """The fields that are given, by ActiveCollab's names."""
        told = {
            "user_id": user_id,
            "value": hours,
            "record_date": None if day is None else day.isoformat(),
            "billable_status": billable_status,
            self.text_field: text,
        }
        return {name: str(value) for name, value in told.items() if value is not None}

    @property
    @abstractmethod
    def text_field(self) -> str:
        """The name of the description."""

    def _form(self, fields: dict[str, str]) -> dict[str, str]:
        """The form that is sent; without `submitted` the server answers 400."""
        return {f"{self.prefix}[{name}]": value for name, value in fields.items()} | {"submitted": "submitted"}


def project_named_in(command: str) -> SourceId | None:
    """The project whose objects a command asks for; None for those of the whole account."""
    found = re.match(r"projects/([0-9]{1,18})/", command)
    return SourceId(int(found[1])) if found else None


def archived(readings: Iterator[Reading], kind: type[Project | Company | User]) -> Iterator[Reading]:
    """What an archive of one kind lists, marked as archived: the elements themselves need not say so."""
    for reading in readings:
        match reading:
            case FoundMaster(value=Project() | Company() | User() as value) if isinstance(value, kind):
                yield replace(reading, value=replace(value, archived=True))
            case _:
                yield reading


def _ends_with(tail: bytes, roots: tuple[str, ...]) -> bool:
    """Whether a document ends with the end of one of `roots`.

    An `<info>`, or a page that says that the API is alive, is well-formed and holds no records either, but it is
    not an empty list.
    """
    names = "|".join(roots).encode()
    ends = list(re.finditer(rb"<(?:/(?:[\w.-]{1,40}:)?(?:%b)\s*|(?:%b)\b[^<>]*/)>" % (names, names), tail))
    return bool(ends) and is_only_notices(tail[ends[-1].end() :])
