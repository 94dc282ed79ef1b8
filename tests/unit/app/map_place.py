"""A workplace with a small agency on both sides, read into a real database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from migrator.app.config import Config
from migrator.app.configuration.model import Database, Moco
from migrator.app.configuration.model import Mapping as MappingSection
from migrator.app.mapping.csv_file import COLUMNS, read_sheet
from migrator.app.progress import LoggedProgress
from migrator.app.secret import Secret
from migrator.app.wiring import Workplace, open_workplace
from migrator.core.fingerprint import content_hash
from migrator.core.mapping import SourceMasters, TargetMasters
from migrator.core.model import (
    Billing,
    Company,
    FoundEntry,
    FoundMaster,
    JobType,
    Master,
    MocoId,
    Origin,
    ParentKind,
    Project,
    Seconds,
    SourceId,
    TargetCompany,
    TargetProject,
    TargetTask,
    TargetUser,
    Task,
    TimeEntry,
    User,
)
from migrator.store.engine import writing
from migrator.store.source import stage
from migrator.store.target_masters import TargetKind, save_masters

ADA, BEN, CLEO = 11, 12, 13
MUSTERBAU, NORDWIND = 3, 4
WEBSITE, PLAYGROUND, SHOP = 42, 43, 44
HEADER, FOOTER = 301, 302
DESIGN = 5

MOCO_ADA, MOCO_BEN_A, MOCO_BEN_B, MOCO_CLEO = 101, 102, 103, 104
MOCO_MUSTERBAU, MOCO_NORDWIND = 201, 202
MOCO_WEBSITE, MOCO_SHOP = 301, 302
MOCO_TASK, MOCO_HEADER, MOCO_SHOP_TASK = 401, 402, 403

SOURCES: tuple[Master, ...] = (
    User(SourceId(ADA), "Ada Beispiel", "ada@example.com"),
    User(SourceId(BEN), "Ben Müster", "ben@old.example.com"),
    User(SourceId(CLEO), '=Cleo; "the\nboss"', ""),
    Company(SourceId(MUSTERBAU), "Musterbau GmbH"),
    Company(SourceId(NORDWIND), "Nordwind"),
    Project(SourceId(WEBSITE), "Website", company_id=SourceId(MUSTERBAU)),
    Project(SourceId(PLAYGROUND), "Spielwiese", company_id=SourceId(MUSTERBAU)),
    Project(SourceId(SHOP), "Webshop Relaunch", company_id=SourceId(NORDWIND)),
    Task(SourceId(HEADER), "Header", SourceId(WEBSITE), 1),
    Task(SourceId(FOOTER), "Footer", SourceId(WEBSITE), 2),
    JobType(SourceId(DESIGN), "Design"),
)

USERS = (
    TargetUser(MocoId(MOCO_ADA), "Ada", "Beispiel", "ada@example.com", active=True),
    TargetUser(MocoId(MOCO_BEN_A), "Ben", "Muster", "ben@new.example.com", active=True),
    TargetUser(MocoId(MOCO_BEN_B), "Ben", "Muster", "other@new.example.com", active=False),
    TargetUser(MocoId(MOCO_CLEO), "Cleo", "Vorlage", "cleo@example.com", active=True),
)
COMPANIES = (
    TargetCompany(MocoId(MOCO_MUSTERBAU), "Musterbau GmbH"),
    TargetCompany(MocoId(MOCO_NORDWIND), "Nordwind"),
)
PROJECTS = (
    TargetProject(MocoId(MOCO_WEBSITE), "Website", "P1", MocoId(MOCO_MUSTERBAU), active=True, billable=True),
    TargetProject(MocoId(MOCO_SHOP), "Shop-Relaunch", "P2", MocoId(MOCO_NORDWIND), active=True, billable=True),
)
TASKS = (
    TargetTask(MocoId(MOCO_TASK), MocoId(MOCO_WEBSITE), "ActiveCollab", active=True, billable=True),
    TargetTask(MocoId(MOCO_HEADER), MocoId(MOCO_WEBSITE), "Header", active=True, billable=True),
    TargetTask(MocoId(MOCO_SHOP_TASK), MocoId(MOCO_SHOP), "Header", active=True, billable=True),
)


def an_entry(
    record: int,
    user: int | None,
    project: int,
    hours: float,
    day: date = date(2024, 5, 2),
    ticket: int | None = None,
    job_type: int | None = None,
    trashed: bool = False,
    worker_name: str = "",
) -> TimeEntry:
    return TimeEntry(
        id=SourceId(record),
        user_id=None if user is None else SourceId(user),
        project_id=SourceId(project),
        day=day,
        seconds=Seconds(round(hours * 3600)),
        billing=Billing.BILLABLE,
        parent_kind=ParentKind.PROJECT if ticket is None else ParentKind.TASK,
        parent_id=None if ticket is None else SourceId(ticket),
        job_type_id=None if job_type is None else SourceId(job_type),
        trashed=trashed,
        worker_name=worker_name,
    )


ENTRIES = (
    an_entry(1, ADA, WEBSITE, 80, date(2024, 1, 2), ticket=HEADER, job_type=DESIGN),
    an_entry(2, ADA, WEBSITE, 10, date(2024, 6, 3), ticket=FOOTER),
    an_entry(3, BEN, WEBSITE, 6, date(2024, 3, 4)),
    an_entry(4, CLEO, WEBSITE, 3, date(2024, 3, 5)),
    an_entry(5, ADA, SHOP, 1, date(2024, 7, 1)),
    an_entry(6, ADA, PLAYGROUND, 50, date(2024, 7, 2), trashed=True),
    an_entry(7, ADA, PLAYGROUND, 0, date(2024, 7, 3)),
)
"""100 hours that shall move, 90 of them exactly matched; the trashed and the empty one shall not."""


def a_place(folder: Path, *, entries: Iterable[TimeEntry] = ENTRIES, moco_url: str = "", **mapping: Any) -> Workplace:
    """A workplace on SQLite; `mapping` are keys of the section of that name (Any: each key has its own type)."""
    moco = Moco(url=moco_url, api_key=Secret("k" * 24), requests_per_window=1000) if moco_url else Moco()
    config = Config(
        database=Database(url=f"sqlite:///{folder / 'migrator.db'}"), mapping=MappingSection(**mapping), moco=moco
    )
    place = open_workplace(config, LoggedProgress())
    found = [FoundEntry(entry, Origin("p.xml", entry.id), content_hash(entry)) for entry in entries]
    with writing(place.engine) as session:
        stage(session, 1, [*(FoundMaster(each, Origin("m.xml", 1)) for each in SOURCES), *found])
    return place


def furnish(place: Workplace) -> None:
    """Store MOCO's side, as an earlier survey would have."""
    with writing(place.engine) as session:
        save_masters(session, TargetKind.USER, USERS)
        save_masters(session, TargetKind.COMPANY, COMPANIES)
        save_masters(session, TargetKind.PROJECT, PROJECTS)
        save_masters(session, TargetKind.TASK, TASKS)


def masters() -> tuple[SourceMasters, TargetMasters]:
    """Both sides in memory."""
    source = SourceMasters(
        users={each.id: each for each in SOURCES if isinstance(each, User)},
        companies={each.id: each for each in SOURCES if isinstance(each, Company)},
        projects={each.id: each for each in SOURCES if isinstance(each, Project)},
        tasks={each.id: each for each in SOURCES if isinstance(each, Task)},
        job_types={each.id: each for each in SOURCES if isinstance(each, JobType)},
    )
    target = TargetMasters(
        {each.id: each for each in USERS},
        {each.id: each for each in COMPANIES},
        {each.id: each for each in PROJECTS},
        {each.id: each for each in TASKS},
    )
    return source, target


def exported(path: Path) -> dict[tuple[str, int], dict[str, str]]:
    """The rows of an exported file by kind and id."""
    sheet = read_sheet(path.read_bytes(), path.name)
    assert not sheet.problems
    return {
        (line.cell("kind"), int(line.cell("source_id"))): {name: line.cells[name] for name in COLUMNS}
        for line in sheet.lines
    }


def a_file(folder: Path, *rows: str, header: str = "kind;source_id;action;target_id;target_name;cutover;note") -> Path:
    """A mapping file written by hand."""
    path = folder / "map.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
