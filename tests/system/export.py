"""A tiny ActiveCollab: people, projects and time records, written as its API of version 2 answers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

COMPANY = "Kunde AG"

HOURS = (("3.75", 13_500), ("0:20", 1200), ("1.5", 5400), ("0,25", 900), ("7:59", 28_740))
"""Durations as ActiveCollab writes them, and their seconds."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who worked; the same e-mail stands in MOCO."""

    id: int
    first: str
    last: str

    @property
    def email(self) -> str:
        return f"{self.first}.{self.last}@kunde.example".lower()


@dataclass(frozen=True, slots=True)
class Project:
    """A project; the same name stands in MOCO, and so does its customer's."""

    id: int
    name: str
    company: str = COMPANY
    archived: bool = False


PEOPLE = (Person(1, "Foo", "Bar"), Person(2, "Grit", "Groß"), Person(3, "Hugo", "Huber"), Person(4, "Ida", "Ilg"))
PROJECTS = (Project(2, "Created through API"), Project(3, "Website & Shop"))


@dataclass(frozen=True, slots=True)
class Record:
    """A time record; `seconds` is what `hours` means."""

    id: int
    person: int = 1
    project: int = 2
    day: date = date(2008, 5, 1)
    hours: str = "3.75"
    seconds: int = 13_500
    status: int = 1
    text: str = "Entwurf"
    trashed: bool = False
    version: int = 1


def some_records(count: int, people: int = 2, projects: int = 2) -> tuple[Record, ...]:
    """`count` records, spread over people, projects, days and durations; the ids begin at 101."""
    return tuple(
        Record(
            id=101 + number,
            person=PEOPLE[number % people].id,
            project=PROJECTS[(number // people) % projects].id,
            day=date(2024, 1, 1) + timedelta(days=number * 7 % 60),
            hours=HOURS[number % len(HOURS)][0],
            seconds=HOURS[number % len(HOURS)][1],
            status=number % 2,
            text=f"Gerät {number} <geprüft>",
        )
        for number in range(count)
    )


def write_export(
    folder: Path, people: Sequence[Person], projects: Sequence[Project], records: Iterable[Record]
) -> None:
    """Write the whole export anew, as three documents."""
    folder.mkdir(parents=True, exist_ok=True)
    users = "".join(_element("user", _user(person)) for person in people)
    companies = "".join(
        _element("company", {"id": str(number), "name": _text(name), "users": users if name == COMPANY else ""})
        for name, number in _companies(projects).items()
    )
    _write(folder / "people.xml", "companies", companies)
    _write(
        folder / "projects.xml", "projects", "".join(_element("project", _project(each, projects)) for each in projects)
    )
    _write(folder / "time.xml", "time_records", "".join(_element("time_record", _record(each)) for each in records))


def _user(person: Person) -> dict[str, str]:
    return {
        "id": str(person.id),
        "first_name": _text(person.first),
        "last_name": _text(person.last),
        "email": _text(person.email),
        "company_id": "1",
    }


def _companies(projects: Iterable[Project]) -> dict[str, int]:
    """The numbers of all customers; the first one has everybody's."""
    names = dict.fromkeys((COMPANY, *(each.company for each in projects)))
    return {name: number for number, name in enumerate(names, 1)}


def _project(project: Project, projects: Sequence[Project]) -> dict[str, str]:
    company = str(_companies(projects)[project.company])
    return {
        "id": str(project.id),
        "name": _text(project.name),
        "status": _text("active"),
        "is_archived": str(int(project.archived)),
        "company_id": company,
    }


def _record(record: Record) -> dict[str, str]:
    changed = datetime(2025, 1, 1, 9, 0) + timedelta(minutes=record.version)  # noqa: DTZ001 - ActiveCollab gives no zone
    return {
        "id": str(record.id),
        "type": _text("TimeRecord"),
        "name": _text(f"{record.hours} hours"),
        "body": _text(f"<p>{escape(record.text)}</p>"),
        "state": "1" if record.trashed else "3",
        "visibility": "1",
        "created_on": "2025-01-01 09:00:00",
        "created_by_id": "1",
        "updated_on": changed.isoformat(sep=" "),
        "version": str(record.version),
        "permalink": _text(f"https://ac.example/projects/{record.project}/time/{record.id}"),
        "project_id": str(record.project),
        "parent_id": "",
        "billable_status": str(record.status),
        "value": record.hours,
        "record_date": record.day.isoformat(),
        "is_billable": str(int(record.status > 0)),
        "is_billed": str(int(record.status == 3)),
        "user_id": str(record.person),
    }


def _write(path: Path, root: str, inside: str) -> None:
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n{inside}</{root}>\n', encoding="utf-8")


def _element(name: str, children: Mapping[str, str]) -> str:
    inside = "".join(f"<{child}>{content}</{child}>\n" for child, content in children.items())
    return f"<{name}>\n{inside}</{name}>\n"


def _text(text: str) -> str:
    return f"\n  <![CDATA[{text}]]>\n"
