"""The mapping's round trip: suggested, exported, edited, checked, applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from migrator.app.answer import Answer
from migrator.app.mapping import command as mapping
from migrator.app.mapping.csv_file import COLUMNS, write_sheet
from migrator.app.wiring import Workplace
from migrator.core.mapping import MapAction, MapKind, Mapping
from migrator.core.model import MocoId, SourceId
from migrator.core.terms import BillingVariant
from migrator.errors import ExitCode, UsageError
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION
from migrator.sandbox.serve import serve
from migrator.store.engine import reading, writing
from migrator.store.mapping import load_mapping
from migrator.store.target_masters import TargetKind, save_masters
from tests.unit.app import map_place as agency
from tests.unit.app.map_place import a_file, a_place, an_entry, exported, furnish


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    place = a_place(tmp_path)
    furnish(place)
    yield place
    place.engine.dispose()


def stored(place: Workplace) -> Mapping:
    with reading(place.engine) as session:
        return load_mapping(session)


def document(answer: Answer) -> dict[str, Any]:
    """The answer as a script sees it (Any: JSON)."""
    assert answer.document["schema"] == "migrator.map/1"
    assert answer.document["exit_code"] == answer.exit_code
    return answer.document


def problems(answer: Answer) -> list[tuple[str, str]]:
    """Where the problems are: line and column."""
    assert answer.exit_code is ExitCode.USAGE
    return [(each["where"].rpartition(":")[2], each["column"]) for each in document(answer)["problems"]]


# -- suggest ------------------------------------------------------------------------------------------------------


def test_coverage_is_told_in_hours_with_what_the_rest_waits_for(place: Workplace) -> None:
    answer = mapping.suggest(place)
    assert answer.text.startswith(
        "90.0 % of hours mapped; the last 2 people hold 9.00 h, the last project holds 1.00 h."
    )
    assert answer.exit_code is ExitCode.DONE
    found = document(answer)
    assert found["coverage"] == {"share": 0.9, "mapped": 90 * 3600, "unmapped": 10 * 3600, "left_out": 0}
    assert found["waiting"] == {"UNMAPPED": 36_000}


def test_what_is_not_mapped_is_listed_by_hours_with_the_best_proposal(place: Workplace) -> None:
    unmapped = document(mapping.suggest(place))["unmapped"]
    assert [(each["kind"], each["source_id"], each["seconds"]) for each in unmapped] == [
        ("user", agency.BEN, 6 * 3600),
        ("user", agency.CLEO, 3 * 3600),
        ("project", agency.SHOP, 3600),
    ]
    assert [each["proposal"] and each["proposal"]["id"] for each in unmapped] == [
        agency.MOCO_BEN_A,
        agency.MOCO_CLEO,
        agency.MOCO_SHOP,
    ]


def test_nothing_read_is_said_instead_of_full_coverage(tmp_path: Path) -> None:
    place = a_place(tmp_path, entries=())
    with pytest.raises(UsageError, match="nothing was read"):
        mapping.suggest(place)
    with pytest.raises(UsageError, match="nothing was read"):
        mapping.export(place, tmp_path / "map.csv")
    place.engine.dispose()


def test_a_single_unmapped_second_is_not_rounded_to_everything(tmp_path: Path) -> None:
    entries = [an_entry(1, agency.ADA, agency.WEBSITE, 900), an_entry(2, agency.BEN, agency.WEBSITE, 1 / 3600)]
    place = a_place(tmp_path, entries=entries)
    furnish(place)
    assert mapping.suggest(place).text.startswith("99.9 % of hours mapped")
    place.engine.dispose()


def test_moco_is_read_anew_when_it_is_configured(tmp_path: Path) -> None:
    sandbox = MocoSandbox()
    sandbox.switches.rate_limits = ()
    admin = sandbox.add_user("Ada", "Beispiel", email="ada@example.com", permissions=EVERY_PERMISSION)
    sandbox.add_key("k" * 24, admin)
    company = sandbox.add_company("Musterbau GmbH")
    project = sandbox.add_project(company, "Website", leader=admin)
    with serve(sandbox) as served:
        place = a_place(tmp_path, moco_url=served.url)
        answer = mapping.suggest(place)
        mapping.export(place, tmp_path / "map.csv")
        place.engine.dispose()
    assert document(answer)["coverage"]["share"] == 0.9
    assert "not configured" not in answer.text
    rows = exported(tmp_path / "map.csv")
    assert rows["user", agency.ADA]["target_id"] == str(admin.id)
    assert rows["project", agency.WEBSITE]["target_id"] == str(project.id)
    assert {each.method for each in sandbox.requests} == {"GET"}


def test_without_moco_what_was_read_last_is_used_and_that_is_said(place: Workplace) -> None:
    assert "MOCO is not configured" in mapping.suggest(place).text


def test_a_person_without_account_waits_with_that_reason(tmp_path: Path) -> None:
    place = a_place(tmp_path, entries=[an_entry(1, None, agency.WEBSITE, 2, worker_name="Gast")])
    furnish(place)
    answer = mapping.suggest(place)
    assert document(answer)["waiting"] == {"WITHOUT_ACCOUNT": 7200}
    assert "no account in ActiveCollab" in answer.text
    place.engine.dispose()


def test_a_task_that_may_not_be_created_is_what_a_ticket_waits_for(tmp_path: Path) -> None:
    place = a_place(tmp_path, task_strategy="per_task", create=())
    furnish(place)
    found = document(mapping.suggest(place))
    assert ("task", agency.FOOTER) in [(each["kind"], each["source_id"]) for each in found["unmapped"]]
    assert found["waiting"]["TASK_MISSING"] == 10 * 3600
    place.engine.dispose()


# -- export -------------------------------------------------------------------------------------------------------


def test_an_export_lists_what_has_time_by_kind_and_hours(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    answer = mapping.export(place, path)
    assert answer.text.startswith(f"{path}: 7 rows written, 3 of them without an action.")
    rows = exported(path)
    assert list(rows) == [
        ("user", agency.ADA),
        ("user", agency.BEN),
        ("user", agency.CLEO),
        ("company", agency.MUSTERBAU),
        ("company", agency.NORDWIND),
        ("project", agency.WEBSITE),
        ("project", agency.SHOP),
    ]
    assert rows["user", agency.ADA] == dict.fromkeys(COLUMNS, "") | {
        "kind": "user",
        "source_id": str(agency.ADA),
        "source_name": "Ada Beispiel",
        "source_email": "ada@example.com",
        "records": "3",
        "hours": "91.00",
        "first_day": "2024-01-02",
        "last_day": "2024-07-01",
        "proposal_id": str(agency.MOCO_ADA),
        "proposal_name": "Ada Beispiel",
        "score": "100",
        "action": "map",
        "target_id": str(agency.MOCO_ADA),
        "target_name": "Ada Beispiel",
        "note": "exact",
    }
    assert rows["project", agency.SHOP]["source_parent"] == "Nordwind"
    assert rows["user", agency.CLEO]["source_name"] == '=Cleo; "the\nboss"'


def test_an_ambiguous_name_is_never_preselected(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    furnish(place)
    twin = agency.PROJECTS[0]
    again = replace(twin, id=MocoId(350))
    with writing(place.engine) as session:
        save_masters(session, TargetKind.PROJECT, [*agency.PROJECTS, again])
    mapping.export(place, tmp_path / "map.csv")
    row = exported(tmp_path / "map.csv")["project", agency.WEBSITE]
    assert (row["action"], row["target_id"]) == ("", "")
    assert (row["proposal_id"], row["score"]) == (str(agency.MOCO_WEBSITE), "100")
    assert row["note"] == f"ambiguous: {agency.MOCO_WEBSITE}, {again.id}"
    place.engine.dispose()


@pytest.mark.parametrize(
    ("strategy", "kind", "ids"),
    [("per_task", "task", [agency.HEADER, agency.FOOTER]), ("per_job_type", "job_type", [agency.DESIGN])],
)
def test_tickets_and_job_types_are_listed_where_each_becomes_a_task(
    tmp_path: Path, strategy: str, kind: str, ids: list[int]
) -> None:
    place = a_place(tmp_path, task_strategy=strategy)
    furnish(place)
    mapping.export(place, tmp_path / "map.csv")
    listed = [key for key in exported(tmp_path / "map.csv") if key[0] in {"task", "job_type"}]
    assert listed == [(kind, each) for each in ids]
    place.engine.dispose()


def test_an_export_keeps_what_is_in_force_and_the_file_it_replaces(place: Workplace, tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        f"user;{agency.BEN};stand_in;{agency.MOCO_ADA};;;left in 2016",
        f"project;{agency.SHOP};map;;Shop-Relaunch;2024-12-01;",
        f"task;{agency.HEADER};create;;;;",
    )
    edited = path.read_bytes()
    mapping.apply(place, path)
    mapping.export(place, path)
    rows = exported(path)
    ben, shop = rows["user", agency.BEN], rows["project", agency.SHOP]
    assert (ben["action"], ben["target_name"], ben["note"]) == ("stand_in", "Ada Beispiel", "left in 2016")
    assert (shop["action"], shop["target_id"], shop["cutover"]) == ("map", str(agency.MOCO_SHOP), "2024-12-01")
    assert rows["task", agency.HEADER]["action"] == "create"
    assert path.with_name("map.csv.bak").read_bytes() == edited


def test_a_folder_that_is_not_there_is_said(place: Workplace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        mapping.export(place, tmp_path / "none" / "map.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        mapping.check(place, tmp_path / "none" / "map.csv")


# -- check --------------------------------------------------------------------------------------------------------


def test_a_file_is_measured_before_it_is_in_force(place: Workplace, tmp_path: Path) -> None:
    path = a_file(tmp_path, f"user;{agency.BEN};map;{agency.MOCO_BEN_A};;;", f"user;{agency.CLEO};hold;;;;")
    answer = mapping.check(place, path)
    assert answer.exit_code is ExitCode.DONE
    assert answer.text.startswith("96.0 % of hours mapped; the last project holds 1.00 h.")
    assert document(answer)["waiting"] == {"MAPPED_TO_HOLD": 3 * 3600, "UNMAPPED": 3600}
    assert stored(place).version == 0


def test_what_a_rule_leaves_out_is_listed_and_needs_no_mapping(place: Workplace, tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        f"user;{agency.BEN};skip;{agency.MOCO_BEN_A};;;",
        f"user;{agency.CLEO};skip;;;;",
        f"project;{agency.SHOP};skip;;;;",
        f"project;{agency.WEBSITE};map;{agency.MOCO_WEBSITE};;2024-06-01;",
    )
    answer = mapping.check(place, path)
    assert answer.text.startswith("100.0 % of hours mapped.")
    assert document(answer)["left_out"] == {"AFTER_CUTOVER": 10 * 3600, "MAPPED_TO_SKIP": 10 * 3600}
    assert "10.00 h left out, because they are dated on or after a cutover" in answer.text


def test_every_problem_is_told_at_once_with_line_and_column(place: Workplace, tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "usr;11;map;101;;;",
        "user;11;mpa;101;;;",
        "user;x11;map;101;;;",
        "user;12;map;ten;;;",
        "user;13;map;999;;;",
        "project;42;map;101;;;",
        "project;44;stand_in;302;;;",
        "project;43;create;;Sandkasten;;",
        "company;3;stand_in;;;;",
        "task;301;map;401;;next year;",
        "task;302;map;403;;;",
        "company;4;map;202;;2024-01-01;",
        "task;302;create;;;;",
        "job_type;5;;;Header;;",
        "user;14;map;;;;",
        "user;15;map;;Ben Muster;;",
        "user;16;map;;nobody@example.com;;",
        "user;17;map;101;Ben Muster;;",
    )
    answer = mapping.check(place, path)
    assert problems(answer) == [
        ("2", "kind"),
        ("3", "action"),
        ("4", "source_id"),
        ("5", "target_id"),
        ("6", "target_id"),
        ("7", "target_id"),
        ("8", "action"),
        ("9", "target_name"),
        ("10", "action"),
        ("11", "cutover"),
        ("12", "target_id"),
        ("13", "cutover"),
        ("14", "source_id"),
        ("15", "action"),
        ("16", "target_id"),
        ("17", "target_name"),
        ("18", "target_name"),
        ("19", "target_name"),
    ]
    by_line = {each["where"].rpartition(":")[2]: each for each in document(answer)["problems"]}
    assert by_line["2"]["remedy"] == "write user"
    assert by_line["3"] | {"where": ""} == {
        "where": "",
        "column": "action",
        "value": "mpa",
        "expected": "one of map, create, skip, hold, stand_in",
        "remedy": "write map",
    }
    assert "101 is a person there" in by_line["7"]["remedy"]
    assert by_line["9"]["expected"] == "'Spielwiese': what is created keeps its name"
    assert "102, 103" in by_line["17"]["remedy"]
    assert f"{path}:3: action 'mpa'" in answer.text


def test_money_and_leader_are_refused_where_no_project_is_created(place: Workplace, tmp_path: Path) -> None:
    path = a_file(
        tmp_path, "project;44;map;302;EUR;ada@example.com", header="kind;source_id;action;target_id;currency;leader"
    )
    assert problems(mapping.check(place, path)) == [("2", "currency"), ("2", "leader")]


TERMS = (
    "kind;source_id;action;target_id;currency;leader;billing_variant;retainer;"
    "budget_monthly;start_date;finish_date;tags"
)


def test_the_terms_of_a_new_project_make_the_round_trip(place: Workplace, tmp_path: Path) -> None:
    row = "project;44;create;;CHF;ada@example.com;task;ja;1500,50;01.03.2024;2024-03-31;alt, wichtig"
    assert mapping.apply(place, a_file(tmp_path, row, header=TERMS)).exit_code == 0
    terms = stored(place).get(MapKind.PROJECT, SourceId(44)).terms  # type: ignore[union-attr]
    assert (terms.currency, terms.leader, terms.billing_variant) == ("CHF", "ada@example.com", BillingVariant.TASK)
    assert (terms.retainer, terms.budget_monthly, terms.tags) == (True, Decimal("1500.50"), ("alt", "wichtig"))
    assert (terms.start_date, terms.finish_date) == (date(2024, 3, 1), date(2024, 3, 31))
    again = tmp_path / "again.csv"
    mapping.export(place, again)
    assert document(mapping.apply(place, again))["is_new"] is False


def test_every_cell_of_terms_that_cannot_be_used_is_named(place: Workplace, tmp_path: Path) -> None:
    rows = (
        "project;44;create;;euro;nobody;hours;vielleicht;-1;bald;x;",
        "project;45;create;;EUR;nobody@example.com;;yes;;;;",
        "company;3;create;;EUR;;;;;;;",
    )
    found = problems(mapping.check(place, a_file(tmp_path, *rows, header=TERMS)))
    columns = ["currency", "leader", "billing_variant", "retainer", "budget_monthly", "start_date", "finish_date"]
    assert found == [
        *(("2", column) for column in columns),
        ("3", "retainer"),
        ("3", "leader"),
        ("4", "currency"),
    ]


@pytest.mark.parametrize("named", ["Ada Beispiel", "ADA@example.com", " ada  beispiel "])
def test_a_person_is_found_by_name_or_e_mail(place: Workplace, tmp_path: Path, named: str) -> None:
    mapping.apply(place, a_file(tmp_path, f"user;{agency.CLEO};stand_in;;{named};;"))
    row = stored(place).get(MapKind.USER, SourceId(agency.CLEO))
    assert row is not None
    assert (row.action, row.target_id) == (MapAction.STAND_IN, agency.MOCO_ADA)


def test_a_task_is_found_by_name_within_the_project_of_its_ticket(place: Workplace, tmp_path: Path) -> None:
    path = a_file(tmp_path, f"task;{agency.FOOTER};map;;Header;;", f"job_type;{agency.DESIGN};map;;Header;;")
    mapping.apply(place, path)
    rows = stored(place).rows
    assert rows[MapKind.TASK, SourceId(agency.FOOTER)].target_id == agency.MOCO_HEADER
    assert rows[MapKind.JOB_TYPE, SourceId(agency.DESIGN)].target_id == agency.MOCO_HEADER


@pytest.mark.parametrize("day", ["2024-06-01", "01.06.2024", "1.6.2024"])
def test_a_cutover_may_be_written_as_spreadsheets_write_it(place: Workplace, tmp_path: Path, day: str) -> None:
    mapping.apply(place, a_file(tmp_path, f"user;{agency.ADA};map;{agency.MOCO_ADA};;{day};"))
    row = stored(place).get(MapKind.USER, SourceId(agency.ADA))
    assert row is not None
    assert row.cutover == date(2024, 6, 1)


@pytest.mark.parametrize("day", ["2024-02-30", "31.02.2024", "06/01/2024", "20240601", "45444"])
def test_what_is_no_day_is_no_cutover(place: Workplace, tmp_path: Path, day: str) -> None:
    path = a_file(tmp_path, f"user;{agency.ADA};map;{agency.MOCO_ADA};;{day};")
    assert problems(mapping.check(place, path)) == [("2", "cutover")]


def test_an_id_that_was_never_read_is_a_warning(place: Workplace, tmp_path: Path) -> None:
    answer = mapping.check(place, a_file(tmp_path, f"user;99;map;{agency.MOCO_ADA};;;"))
    assert answer.exit_code is ExitCode.DONE
    assert "user 99" in answer.text


def test_the_mapping_in_force_is_checked_against_what_moco_has_now(place: Workplace, tmp_path: Path) -> None:
    mapping.apply(place, a_file(tmp_path, f"user;{agency.BEN};map;{agency.MOCO_BEN_A};;;"))
    assert mapping.check(place, None).exit_code is ExitCode.DONE
    with writing(place.engine) as session:
        save_masters(session, TargetKind.USER, [each for each in agency.USERS if each.id != agency.MOCO_BEN_A])
    answer = mapping.check(place, None)
    assert answer.exit_code is ExitCode.USAGE
    assert answer.text.startswith(f"mapping version 1, user {agency.BEN}: target_id '{agency.MOCO_BEN_A}'")


# -- apply --------------------------------------------------------------------------------------------------------


def test_an_export_is_for_its_owner_only(place: Workplace, tmp_path: Path) -> None:
    mapping.export(place, tmp_path / "map.csv")
    assert (tmp_path / "map.csv").stat().st_mode & 0o777 == 0o600


def test_an_untouched_export_decides_nothing_new(place: Workplace, tmp_path: Path) -> None:
    mapping.export(place, tmp_path / "map.csv")
    answer = mapping.apply(place, tmp_path / "map.csv")
    assert document(answer)["is_new"] is False
    assert "no version was stored" in answer.text
    assert stored(place).version == 0


def test_the_same_decisions_make_no_second_version(place: Workplace, tmp_path: Path) -> None:
    path = a_file(tmp_path, f"user;{agency.BEN};hold;;;;ask her")
    assert mapping.apply(place, path).text.startswith(
        "Mapping version 1 is in force: 1 decisions (1 added, 0 changed, 0 removed)."
    )
    mapping.export(place, path)
    answer = mapping.apply(place, path)
    assert answer.text.startswith("The file says what mapping version 1 says already")
    assert stored(place).version == 1


def test_the_file_replaces_the_mapping(place: Workplace, tmp_path: Path) -> None:
    mapping.apply(place, a_file(tmp_path, f"user;{agency.BEN};hold;;;;", f"user;{agency.CLEO};hold;;;;"))
    answer = mapping.apply(place, a_file(tmp_path, f"user;{agency.BEN};skip;;;;", f"project;{agency.SHOP};hold;;;;"))
    assert "(1 added, 1 changed, 1 removed)" in answer.text
    assert document(answer)["mapping_version"] == 2
    assert set(stored(place).rows) == {
        (MapKind.USER, SourceId(agency.BEN)),
        (MapKind.PROJECT, SourceId(agency.SHOP)),
    }


def test_a_file_with_problems_changes_nothing(place: Workplace, tmp_path: Path) -> None:
    path = a_file(tmp_path, f"user;{agency.BEN};hold;;;;", "user;13;maybe;;;;")
    assert problems(mapping.apply(place, path)) == [("3", "action")]
    assert stored(place).version == 0


def test_without_accepted_exact_matches_the_reviewed_file_is_the_decision(tmp_path: Path) -> None:
    place = a_place(tmp_path, accept_exact=False)
    furnish(place)
    path = tmp_path / "map.csv"
    assert document(mapping.suggest(place))["coverage"]["share"] == 0.0
    mapping.export(place, path)
    answer = mapping.apply(place, path)
    assert document(answer)["coverage"]["share"] == 0.9
    assert len(stored(place).rows) == 4
    place.engine.dispose()


def test_a_decided_company_tells_projects_of_the_same_name_apart(place: Workplace, tmp_path: Path) -> None:
    twin = replace(agency.PROJECTS[1], name="Website")
    with writing(place.engine) as session:
        save_masters(session, TargetKind.PROJECT, [agency.PROJECTS[0], twin])
        save_masters(
            session, TargetKind.COMPANY, [replace(each, name=f"{each.name} Holding") for each in agency.COMPANIES]
        )
    assert document(mapping.check(place, None))["coverage"]["share"] == 0.0
    path = a_file(tmp_path, f"company;{agency.MUSTERBAU};map;{agency.MOCO_MUSTERBAU};;;")
    assert document(mapping.check(place, path))["coverage"]["share"] == 0.9


def test_what_excel_makes_of_an_export_is_applied_like_the_export(place: Workplace, tmp_path: Path) -> None:
    """German Excel: decimal commas in the hours, days with dots, everything else as it was."""
    path = tmp_path / "map.csv"
    mapping.export(place, path)
    rows = exported(path)
    for row in rows.values():
        row["hours"] = row["hours"].replace(".", ",")
        row["first_day"] = ".".join(reversed(row["first_day"].split("-")))
    rows["user", agency.CLEO] |= {"action": "MAP", "target_id": str(agency.MOCO_CLEO), "note": '=größer; "Büro"\n2'}
    path.write_bytes(write_sheet(rows.values()))
    mapping.apply(place, path)
    (decided,) = stored(place).rows.values()
    assert (decided.source_id, decided.target_id, decided.note) == (agency.CLEO, agency.MOCO_CLEO, '=größer; "Büro"\n2')
