"""Who works in the made-up agency, for whom, and on what: the part that fits in memory."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from random import Random

from migrator.sandbox import agency_words as words

OWN_COMPANY_ID = 1
MAIL_DOMAIN = "nordlicht.example"
_LAST_DAY = date(2025, 8, 29)
_RECORDS_PER_YEAR = 16_000
"""More would fill people's days beyond belief; a longer history carries them."""


class InMoco(Enum):
    """How MOCO knows a person."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the agency; `email` is as ActiveCollab shows it, one of them with capitals."""

    id: int
    first_name: str
    last_name: str
    email: str
    english: bool
    job_type_id: int
    administrator: bool = False
    leads_projects: bool = False
    last_day: date | None = None
    in_moco: InMoco = InMoco.ACTIVE

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Client:
    """A company; id 1 is the agency itself."""

    id: int
    name: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket (generation 2) or task (generation 3); `number` counts within its project."""

    id: int
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project, open from `first_day` to `last_day`; `name_in_moco` differs for one of them."""

    id: int
    name: str
    name_in_moco: str
    slug: str
    client_id: int
    leader_id: int
    first_day: date
    last_day: date
    status: str
    tickets: tuple[Ticket, ...]
    archived_in_moco: bool = False

    @property
    def internal(self) -> bool:
        return self.client_id == OWN_COMPANY_ID

    @property
    def archived(self) -> bool:
        """Whether ActiveCollab 3 keeps it among the archived ones."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything that time can be booked by, for or on."""

    people: tuple[Person, ...]
    clients: tuple[Client, ...]
    projects: tuple[Project, ...]
    working_days: tuple[date, ...]

    def person(self, person_id: int) -> Person:
        """The person of that id."""
        return next(person for person in self.people if person.id == person_id)


def build_cast(seed: int, records: int) -> Cast:
    """The agency of `seed`, with a history long enough for so many records: 3 to 15 years."""
    chance = Random(f"{seed}/cast")
    years = min(15, max(3, -(-records // _RECORDS_PER_YEAR)))
    days = _working_days(date(_LAST_DAY.year - years, 9, 1), _LAST_DAY)
    people = _people(chance, days)
    clients = _clients(chance)
    return Cast(people, clients, _projects(chance, people, clients, days), days)


def _people(chance: Random, days: tuple[date, ...]) -> tuple[Person, ...]:
    size = chance.randint(14, 24)
    first_names = chance.sample(words.FIRST_NAMES, size)
    last_names = chance.sample(words.LAST_NAMES, size)
    job_types = len(words.JOB_TYPE_NAMES)
    people = [
        Person(
            id=2 + number * 3,
            first_name=first,
            last_name=last,
            email=f"{_ascii(first)}.{_ascii(last)}@{MAIL_DOMAIN}",
            english=chance.random() < 0.25,
            job_type_id=1 + number % job_types,
            leads_projects=number < 5,
        )
        for number, (first, last) in enumerate(zip(first_names, last_names, strict=True))
    ]
    people[0] = replace(people[0], administrator=True)
    people[5] = replace(people[5], last_name="", email=f"{_ascii(people[5].first_name)}@{MAIL_DOMAIN}")
    people[6] = replace(people[6], last_day=days[len(days) * 45 // 100], in_moco=InMoco.MISSING)
    people[7] = replace(people[7], last_day=days[len(days) * 70 // 100], in_moco=InMoco.DEACTIVATED)
    people[8] = replace(people[8], email=people[8].email.title())
    return tuple(people)


def _clients(chance: Random) -> tuple[Client, ...]:
    names = chance.sample(words.CLIENT_NAMES, 12)
    archived = chance.randrange(12)
    own = Client(OWN_COMPANY_ID, words.OWN_COMPANY)
    return (own, *(Client(4 + at * 2, name, at == archived) for at, name in enumerate(names)))


def _projects(
    chance: Random, people: tuple[Person, ...], clients: tuple[Client, ...], days: tuple[date, ...]
) -> tuple[Project, ...]:
    leaders = [person.id for person in people if person.leads_projects]
    windows = [(name, 0.0, 1.0, True) for name in words.INTERNAL_PROJECTS]
    windows.append((words.RELAUNCH, 0.0, 0.6, False))
    years = range(_LAST_DAY.year - 2, _LAST_DAY.year + 1)
    windows += [(f"Wartung {year}", *_share_of_year(year, days), False) for year in years]
    for name in chance.sample(words.PROJECT_NAMES, 23):
        start = chance.uniform(0.0, 0.75)
        windows.append((name, start, start + chance.uniform(0.15, 0.6), False))
    ticket_id = 100
    projects: list[Project] = []
    for number, (name, start, end, internal) in enumerate(windows):
        tickets = _tickets(chance, ticket_id)
        ticket_id = tickets[-1].id + chance.randint(1, 9)
        projects.append(
            Project(
                id=3 + number * 2,
                name=name,
                name_in_moco=words.RELAUNCH_IN_MOCO if name == words.RELAUNCH else name,
                slug=_ascii(name),
                client_id=OWN_COMPANY_ID if internal else chance.choice(clients[1:]).id,
                leader_id=chance.choice(leaders),
                first_day=days[int(start * (len(days) - 1))],
                last_day=days[int(min(1.0, end) * (len(days) - 1))],
                status="active" if end >= 1.0 else chance.choices(("completed", "active"), (5, 1))[0],
                tickets=tickets,
            )
        )
    longest = max(projects[7:], key=lambda each: (each.archived, each.last_day - each.first_day))
    projects[projects.index(longest)] = replace(longest, status="completed", archived_in_moco=True)
    return tuple(projects)


def _share_of_year(year: int, days: tuple[date, ...]) -> tuple[float, float]:
    """The first and last working day of `year` as shares of the whole history."""
    inside = [at for at, day in enumerate(days) if day.year == year]
    return inside[0] / (len(days) - 1), inside[-1] / (len(days) - 1)


def _tickets(chance: Random, first_id: int) -> tuple[Ticket, ...]:
    names = chance.sample(words.TICKET_NAMES, chance.randint(6, 14))
    return tuple(Ticket(first_id + at * 2, at + 1, name) for at, name in enumerate(names))


def _working_days(first: date, last: date) -> tuple[date, ...]:
    closed = {day for year in range(first.year, last.year + 1) for day in _holidays(year)}
    every = (first + timedelta(days=at) for at in range((last - first).days + 1))
    return tuple(day for day in every if day.weekday() < 5 and day not in closed)


def _holidays(year: int) -> tuple[date, ...]:
    easter = _easter(year)
    moving = tuple(easter + timedelta(days=after) for after in (-2, 1, 39, 50))
    fixed = ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31))
    return (*moving, *(date(year, month, day) for month, day in fixed))


def _easter(year: int) -> date:
    """Easter Sunday, by Gauss's rule as it holds from 1900 to 2099."""
    full_moon = (19 * (year % 19) + 24) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) + 6 * full_moon + 5) % 7
    days = 22 + full_moon + weekday
    if days == 57 or (days == 56 and full_moon == 28 and year % 19 > 10):
        days -= 7
    return date(year, 3, 1) + timedelta(days=days - 1)


_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "ł": "l", "ı": "i", "đ": "d"})


def _ascii(text: str) -> str:
    """`text` as mail addresses and slugs spell it."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text.lower()).translate(_SPELT))
    bare = (sign for sign in plain if not unicodedata.combining(sign))
    return "-".join("".join(sign if sign.isascii() and sign.isalnum() else " " for sign in bare).split())
