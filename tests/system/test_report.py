"""`report` as a command: golden figures, computed here from both sides of the world and never by the product."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from migrator.sandbox.moco_records import Activity
from tests.system import reported
from tests.system.export import PEOPLE, Record, some_records
from tests.system.harness import KEY, Finished, World
from tests.system.inside import run_inside

PROJECTS_WITH_RECORDS = {record.project for record in reported.records()}
AS_OF = date(2025, 2, 15)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """The world, what the command answered, and what it wrote."""

    world: World
    finished: Finished
    report: Json
    directory: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("reported")
    with reported.reported(folder) as world:
        directory = folder / "out"
        finished = report(world, directory, "--as-of", f"{AS_OF}", "--fiscal-year-start", "7")
        yield Made(world, finished, read(directory), directory)


def report(world: World, directory: Path, *words: str) -> Finished:
    return run_inside(world, "report", *words, "-o", str(directory), "--format", "json")


def read(directory: Path) -> Json:
    found: Json = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    return found


# -- both sides, without the product -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A record, and the activity that carries its marker."""

    record: Record
    activity: Activity | None

    @property
    def stored(self) -> int:
        return self.activity.seconds if self.activity else 0

    @property
    def state(self) -> str:
        if self.activity is None:
            return "absent"
        return "billed" if self.activity.billed else "open" if self.activity.billable else "non_billable"

    @property
    def rule(self) -> str:
        """Why the two differ, by the story of the world."""
        record = self.record
        after_cutover = record.project == 5 and record.day >= reported.CUTOVER
        if record.id == reported.EMPTY or after_cutover:
            return "left_out"
        if record.project == 6:
            return "waits"
        if record.id in (*reported.BOTH_EDITED, *reported.DELETED_IN_MOCO):
            return "in_conflict"
        named = {reported.ACCEPTED: "accepted", **dict.fromkeys(reported.EDITED_IN_MOCO, "edited_in_moco")}
        return named.get(record.id, "rounded_by_moco")


def pairs(world: World) -> list[Pair]:
    """Every record that could be read, beside its activity."""
    there = {each.remote_id: each for each in world.moco.activities if each.remote_id}
    readable = (each for each in world.records.values() if each.hours != "viel")
    return [Pair(each, there.get(f"ac:main:{each.id}")) for each in readable]


PROJECTS = {each.id: each for each in (*reported.PLACES, reported.NOT_IN_MOCO)}


def totals(found: list[Pair], place: Callable[[Pair], object]) -> dict[object, tuple[int, int, int]]:
    """Records, and the seconds of both sides, by whatever `place` says."""
    counted: dict[object, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in found:
        for at, value in enumerate((1, each.record.seconds, each.stored)):
            counted[place(each)][at] += value
    return {key: (values[0], values[1], values[2]) for key, values in counted.items()}


def told(sums: Json) -> tuple[int, int, int]:
    return sums["records"], sums["source"]["seconds"], sums["target"]["seconds"]


# -- golden figures ----------------------------------------------------------------------------------------------------


def test_what_waits_is_counted_and_what_is_in_conflict_differs_as_verify_says(made: Made) -> None:
    assert (made.finished.code, made.finished.document["agreement"]) == (4, "differ")
    assert (made.finished.document["reasons"], made.finished.document["plan"]) == (
        ["differences", "unexplained_seconds", "waits"],
        None,
    )
    counts = {kind: each["records"] for kind, each in made.report["exceptions"]["counts"].items()}
    assert counts == {"held": reported.HELD, "rejected": reported.REJECTED, "conflict": reported.CONFLICTS}
    listed = made.report["exceptions"]["listed"]
    assert len(listed) == sum(counts.values())
    assert all(each["id"].startswith("i") for each in listed)
    unexplained = {kind: each["records"] for kind, each in made.report["differences"]["unexplained"].items()}
    verified = run_inside(made.world, "verify")
    made.world.forget_requests()
    assert unexplained == verified.document["unexplained"]
    assert sum(unexplained.values()) == reported.CONFLICTS
    riddles = [abs(each.stored - each.record.seconds) for each in pairs(made.world) if each.rule == "in_conflict"]
    assert made.report["unexplained_seconds"] == sum(riddles)
    assert f"{sum(riddles):,} seconds unexplained" in verified.document["verdict"]


def test_the_totals_of_every_level_are_those_of_both_systems(made: Made) -> None:
    found, customers = pairs(made.world), made.report["customers"]
    assert told(made.report["totals"]) == totals(found, lambda _: None)[None]
    by_customer = totals(found, lambda each: PROJECTS[each.record.project].company)
    assert {each["name"]: told(each) for each in customers} == by_customer
    projects = {project["id"]: project for each in customers for project in each["projects"]}
    assert {id_: told(each) for id_, each in projects.items()} == totals(found, lambda each: each.record.project)
    months = {(id_, month["month"]): told(month) for id_, project in projects.items() for month in project["months"]}
    assert months == totals(found, lambda each: (each.record.project, f"{each.record.day:%Y-%m}"))
    people = totals(found, lambda each: each.record.person)
    assert {each["id"]: told(each) for each in made.report["people"]} == people


def test_every_second_apart_has_the_rule_that_the_story_says(made: Made) -> None:
    expected = Counter[str]()
    for each in pairs(made.world):
        expected[each.rule] += each.stored - each.record.seconds
    by_rule = {rule: each["seconds"] for rule, each in made.report["totals"]["by_rule"].items()}
    assert by_rule == {rule: seconds for rule, seconds in expected.items() if seconds}
    assert sum(by_rule.values()) == made.report["totals"]["difference"]["seconds"]


def test_the_rounding_ledger_adds_the_hours_as_written_and_both_sides(made: Made) -> None:
    names = {each.id: f"{each.first} {each.last}" for each in PEOPLE}
    expected, found = defaultdict[tuple[str, str], Added](Added), defaultdict[tuple[str, str], Added](Added)
    for each in pairs(made.world):
        record = each.record
        key = (names[record.person], f"{record.day:%Y-%m}")
        expected[key].add(written(record.hours), record.seconds, each.stored)
    for row in made.report["ledger"]:
        found[row["person"], row["month"]].add(Fraction(Decimal(row["written"])), row["read"], row["stored"])
    assert found.keys() == expected.keys()
    for key, sums in expected.items():
        # Thirds of an hour have 28 digits.
        assert abs(found[key].hours - sums.hours) < Fraction(1, 10**20)
        assert (found[key].read, found[key].stored) == (sums.read, sums.stored)


@dataclass(slots=True)
class Added:
    """Rows of a ledger, added up."""

    hours: Fraction = Fraction(0)
    read: int = 0
    stored: int = 0

    def add(self, hours: Fraction, read: int, stored: int) -> None:
        self.hours, self.read, self.stored = self.hours + hours, self.read + read, self.stored + stored


def written(hours: str) -> Fraction:
    whole, colon, minutes = hours.partition(":")
    return Fraction(int(whole or 0)) + Fraction(int(minutes), 60) if colon else Fraction(hours.replace(",", "."))


def test_open_hours_say_what_may_be_invoiced_where(made: Made) -> None:
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    for each in pairs(made.world):
        if each.record.day > AS_OF:
            continue
        row, status, seconds = expected[PROJECTS[each.record.project].company], each.record.status, each.record.seconds
        row["source_open"] += seconds if status == 1 else 0
        row["pending"] += seconds if status == 2 else 0
        row["only_in_activecollab"] += seconds if status == 1 and each.state == "absent" else 0
        row["settled_in_moco"] += seconds if status == 1 and each.state in {"billed", "non_billable"} else 0
        if each.state == "open":
            row["target_open"] += each.stored
            row["in_moco"] += each.stored if status == 1 else 0
            row["invoiced_already"] += each.stored if status == 3 else 0
    for amount in ("booked_in_moco", "target_open"):
        expected["Nordlicht eG"][amount] += 2 * reported.BY_HAND
    names = ["source_open", "target_open", "in_moco", "booked_in_moco", "only_in_activecollab"]
    names += ["invoiced_already", "pending", "settled_in_moco"]
    found = {row["customer"]: {name: row[name]["seconds"] for name in names} for row in made.report["open_hours"]}
    assert found == {customer: {name: row[name] for name in names} for customer, row in expected.items()}


def test_status_by_status_is_told_by_fiscal_year(made: Made) -> None:
    expected = Counter[tuple[str, int, str]]()
    for each in pairs(made.world):
        day = each.activity.date if each.activity else each.record.day
        year = day.year if day.month >= 7 else day.year - 1
        seconds = each.record.seconds if each.state == "absent" else each.stored
        expected[f"{year}/{year % 100 + 1}", each.record.status, each.state] += seconds
    found = {
        (year["year"], cell["status"], cell["state"]): cell["seconds"]
        for year in made.report["status_years"]
        for cell in year["cells"]
    }
    assert found == dict(expected)


def test_who_decided_what_is_told_with_the_hours_it_is_about(made: Made) -> None:
    hugo = [each for each in pairs(made.world) if each.record.person == reported.HUGO and each.activity]
    (stand_in,) = made.report["stand_ins"]
    assert (stand_in["person"], stand_in["booked_on"], stand_in["note"]) == ("Hugo Huber", "Foo Bar", "ging 2025")
    assert stand_in["records"] == len(hugo)
    assert stand_in["source"]["seconds"] == sum(each.record.seconds for each in hugo)
    assert stand_in["target"]["seconds"] == sum(each.stored for each in hugo)
    made_by = stand_in["decided_by"]
    decisions = made.report["decisions"]
    assert [each["who"] for each in decisions["approved"]] == ["Petra Prüfer"]
    assert {each["who"] for each in (*decisions["planned"], *decisions["applied"])} == {made_by}
    (accepted,) = decisions["accepted"]
    assert (accepted["note"], accepted["records"]) == ("Kulanz, mit dem Kunden besprochen", 1)
    left = {reason: each["records"] for reason, each in made.report["left_out"].items()}
    cut = [each for each in pairs(made.world) if each.rule == "left_out" and each.record.id != reported.EMPTY]
    assert left == {"AFTER_CUTOVER": len(cut), "ZERO_DURATION": 1}
    assert made.report["mapping"]["rows"] == {"project map": 1, "user stand_in": 1}
    assert made.report["beside"]["edited_in_target"]["records"] == len(reported.EDITED_IN_MOCO)


# -- the file ------------------------------------------------------------------------------------------------------


def test_nobody_is_asked_for_a_report_and_its_files_are_private(made: Made) -> None:
    assert made.world.moco.requests == []
    modes = {path.name: path.stat().st_mode & 0o777 for path in made.directory.iterdir()}
    assert modes == {"report.json": 0o600, ".migrator-report.json": 0o600}
    assert made.directory.stat().st_mode & 0o777 == 0o700


def test_anybody_can_compute_the_fingerprint_anew(made: Made) -> None:
    document = dict(made.report)
    signed = document.pop("fingerprint")
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert signed == made.finished.document["fingerprint"] == hashlib.sha256(text.encode()).hexdigest()


def test_hours_have_two_places_and_seconds_beside_them(made: Made) -> None:
    text = (made.directory / "report.json").read_text(encoding="utf-8")
    exact = json.loads(text, parse_float=Decimal)["totals"]["source"]
    assert exact["hours"].as_tuple().exponent == -2
    assert exact["hours"] == (Decimal(exact["seconds"]) / 3600).quantize(Decimal("0.01"))


def test_no_secret_and_no_address_of_a_person_is_in_it_unless_asked_for(made: Made, tmp_path: Path) -> None:
    text = (made.directory / "report.json").read_text(encoding="utf-8")
    assert KEY not in text
    assert "@kunde.example" not in text
    assert report(made.world, tmp_path / "people", "--with-people").code == 4
    people = read(tmp_path / "people")["people"]
    assert {each["email"] for each in people} == {each.email for each in PEOPLE}


# -- runs, and the report before ----------------------------------------------------------------------------------


def test_a_report_replaces_an_older_one_and_nothing_else(made: Made, tmp_path: Path) -> None:
    directory = tmp_path / "out"
    directory.mkdir()
    (directory / "notes.txt").write_text("mine")
    assert report(made.world, directory).code == 4
    first = read(directory)
    assert report(made.world, directory).code == 4
    second = read(directory)
    assert second["before"]["fingerprint"] == first["fingerprint"] != second["fingerprint"]
    assert second["before"]["changed"] == []
    assert sorted(path.name for path in directory.iterdir()) == [".migrator-report.json", "notes.txt", "report.json"]
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "report.json").write_text("{}")
    refused = report(made.world, foreign)
    assert (refused.code, "is not of a report" in refused.message) == (2, True)
    assert [path.name for path in foreign.iterdir()] == ["report.json"]
    assert (foreign / "report.json").read_text() == "{}"


@pytest.mark.parametrize(
    ("words", "told_of"),
    [
        (("1",), "run 1 is of kind read"),
        (("77",), "There is no run 77"),
        (("x",), "'x' is no run"),
        (("--format", "pdf"), "'pdf' is no form"),
    ],
)
def test_what_no_report_can_be_about_is_refused(made: Made, words: tuple[str, ...], told_of: str) -> None:
    refused = run_inside(made.world, "report", *words, "-o", str(made.directory / "never"))
    assert (refused.code, told_of in refused.message) == (2, True), refused
    assert not (made.directory / "never").exists()


def test_a_report_on_a_plan_is_about_its_records_and_what_was_written_since_is_not_proved(tmp_path: Path) -> None:
    with World(tmp_path, some_records(8)) as world:
        empty = report(world, tmp_path / "out")
        assert (empty.code, "nothing was read" in empty.message) == (2, True)
        for words in (("read",), ("plan", "--sample", "3"), ("apply", "last")):
            assert run_inside(world, *words).code == 0
        part = report(world, tmp_path / "out", "last")
        assert (part.code, part.document["agreement"], part.document["plan"]) == (4, "unproved", 1)
        assert read(tmp_path / "out")["totals"]["records"] == 3
        assert run_inside(world, "verify", "--plan", "last").code == 0
        assert report(world, tmp_path / "out", "3").code == 0
        counts = {word: each["records"] for word, each in read(tmp_path / "out")["words"].items()}
        assert counts == {"created": 3}
        # Everything: what is not moved yet is missing, as `verify` says, until the next run.
        whole = report(world, tmp_path / "out")
        assert whole.document["plan"] is None
        assert set(whole.document["reasons"]) >= {"pending"}
        document = read(tmp_path / "out")
        assert document["words"]["pending"]["records"] == 5
        assert {kind: each["records"] for kind, each in document["differences"]["counts"].items()} == {"missing": 5}
        assert run_inside(world, "sync").code == 0
        assert report(world, tmp_path / "out").document["reasons"] == ["not_verified_since_write"]
        assert run_inside(world, "verify").code == 0
        agreed = report(world, tmp_path / "out")
        assert (agreed.code, agreed.document["agreement"]) == (0, "agree")


# -- the page for people -----------------------------------------------------------------------------------------------


def test_the_page_for_people_says_the_same_and_runs_nothing(made: Made, tmp_path: Path) -> None:
    run_inside(made.world, "report", "-o", str(tmp_path), "--format", "html,json", "--lang", "de")
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    text = " ".join(page.text_content().split())
    assert "Die Bücher stimmen nicht überein" in text
    counts = (reported.HELD, reported.CONFLICTS, reported.REJECTED)
    assert "{} zurückgestellt, {} im Widerspruch, {} unlesbar".format(*counts) in text
    assert read(tmp_path)["fingerprint"] in "".join(text.split())
    assert page.xpath("//script") == []
    # Projects and texts that attack whoever shows them.
    for typed in (reported.SCRIPT, "=SUMME(A1) Betreuung"):
        assert typed in text
    assert "kunde.example" not in text
    assert len(page.xpath("//section[@id='exceptions']//td[contains(@class, 'fill')]")) == 3 * sum(counts)
    linked = {str(href) for href in page.xpath("//section[@id='totals']//a/@href")}
    assert linked == {f"projects/{name}.html" for name in ("index", *PROJECTS_WITH_RECORDS)}
    assert all((tmp_path / href).is_file() for href in linked)
