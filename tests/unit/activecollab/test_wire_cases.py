"""Every odd answer of ActiveCollab over HTTP has its outcome, and that outcome is what happens."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import pytest

from migrator.activecollab.client import ActiveCollabRefused, Client, Info, Listing, Present, Whereabouts
from migrator.core.model import Project, Reading, SourceId
from migrator.errors import LoginRefused
from tests.unit.activecollab.cases import compare, fields_of, load_table
from tests.unit.activecollab.reading import sort
from tests.unit.activecollab.speaking import TOKEN, client
from tests.unit.activecollab.wire_cases import WIRE, WireCase, answering

CASES = load_table("wire.toml", WireCase)
SITE = Project(SourceId(7), "Site")
RAISED: dict[str, type[Exception]] = {"ActiveCollabRefused": ActiveCollabRefused, "LoginRefused": LoginRefused}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_an_odd_answer_gives_what_the_table_says(case: WireCase) -> None:
    told: list[str] = []
    with answering(case) as server:
        url = server.url.replace("http:", "https:") if "" in case.answers else server.url
        asking = client(url, case.spoken, today=date(2026, 11, 21))
        if case.raises:
            with pytest.raises(RAISED[case.raises], match=case.words) as caught:
                _ask(asking, case)
            told.append(f"{caught.value} {caught.value!r}")
        else:
            _check(case, _ask(asking, case), told)
        if case.sent:
            assert sum(asking.requests.values()) == case.sent
    assert "secret" not in "".join(told)
    assert TOKEN not in "".join(told)


def _ask(asking: Client, case: WireCase) -> tuple[Listing, list[Reading]] | Whereabouts | Info | None:
    match case.asks:
        case "time" | "projects" | "people":
            listing = {
                "time": lambda: asking.list_time(SITE),
                "projects": asking.list_projects,
                "people": asking.list_people,
            }[case.asks]()
            return listing, list(listing)
        case "find":
            return asking.find_time(SITE, SourceId(1))
        case "info":
            return asking.fetch_info()
        case "trash":
            asking.trash_time(SITE, SourceId(1))
        case "add":
            asking.add_time(SITE, user_id=SourceId(3), hours="5:30", day=date(2024, 3, 1))
        case _:
            raise ValueError(case.asks)
    return None


def _check(case: WireCase, got: tuple[Listing, list[Reading]] | Whereabouts | Info | None, told: list[str]) -> None:
    match got:
        case (listing, readings):
            read = sort(readings)
            told += [repr(readings), listing.problem, repr(listing)]
            assert case.problem in listing.problem
            assert bool(listing.problem) is bool(case.problem), listing.problem
            assert listing.forbidden is case.forbidden
            assert len(read.entries) == len(case.records), read.entries
            for said, entry in zip(case.records, read.entries, strict=True):
                compare(fields_of(entry), said)
            assert len(read.masters) == len(case.masters), read.masters
            for said, master in zip(case.masters, read.masters, strict=True):
                compare(fields_of(master), said)
        case Info():
            told.append(repr(got))
            compare(asdict(got), case.info)
        case None:
            assert case.asks in {"add", "trash"}
        case _:
            told.append(repr(got))
            assert type(got).__name__ == case.found
            if case.project:
                assert isinstance(got, Present)
                assert got.found.entry.project_id == case.project


def test_every_answer_is_in_the_table() -> None:
    named = {name.removesuffix(".tls") for case in CASES for names in case.answers.values() for name in names}
    assert {path.stem for path in WIRE.iterdir()} == named | {"not_found"}
