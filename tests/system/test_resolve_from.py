"""`inbox resolve --from`: what a person writes into the workbook of a report, read back through the whole product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from migrator.sandbox.faults import AnswerInstead
from tests.system.export import some_records
from tests.system.harness import Finished, Kept, World
from tests.system.inside import run_inside

SOURCE, TARGET, ACCEPTED, RETRIED, LEFT = 105, 106, 107, 108, 109
WHO = "Petra Prüfer"


@pytest.fixture(scope="module")
def in_conflict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Five records in conflict: four of them because both sides were edited, one because MOCO refused a change."""
    settings = {"sync.window_every": "0s", "sync.window_days": 3660}
    with World(tmp_path_factory.mktemp("conflict"), some_records(12)) as world:
        world.settings |= settings
        world.configure()
        assert run_inside(world, "sync").code == 0
        for record in (SOURCE, TARGET, ACCEPTED, LEFT):
            by_hand(world, record, "by hand")
            world.change(record, text="Changed")
        world.change(RETRIED, text="Refused")
        world.moco.fault(AnswerInstead(422), method="PUT")
        assert run_inside(world, "sync").code == 3
        assert len(waiting(world)) == 5
        yield Kept.now(world)


def by_hand(world: World, record: int, text: str) -> None:
    world.moco.edit(replace(world.activity(record), description=text))


def waiting(world: World) -> dict[int, str]:
    """The items that wait, by record."""
    return {item["source_id"]: item["id"] for item in run_inside(world, "inbox", "list").document["items"]}


def reported(world: World, language: str = "de") -> Path:
    """The workbook of a report on this world."""
    words = ("report", "-o", str(world.folder / "report"), "--format", "xlsx", "--lang", language)
    made = run_inside(world, *words)
    assert made.code in {3, 4}, made
    return world.folder / "report" / "report.xlsx"


def fill_in(path: Path, said: dict[str, tuple[str, str]], sheet: str = "Ausnahmen", name: str = WHO) -> Path:
    """Write words and notes beside items, below a title and with the columns in another order, as people do."""
    book = load_workbook(path)
    rows = [[cell.value for cell in row] for row in book[sheet].iter_rows()]
    heads = rows[0]
    for row in rows[1:]:
        word, note = said.get(str(row[0]), (None, None))
        row[1:5] = [word, name if word else None, None, note]
    order = list(reversed(range(len(heads))))
    del book[sheet]
    mine = book.create_sheet("Für Petra")
    mine.append(["Bitte ausfüllen"])
    for row in rows:
        mine.append([row[place] for place in order])
    filled = path.parent.parent / f"filled-{len(list(path.parent.parent.glob('filled-*')))}.xlsx"
    book.save(filled)
    return filled


def resolve(world: World, path: Path, *words: str) -> Finished:
    return run_inside(world, "inbox", "resolve", "--from", str(path), *words)


def shown(world: World, item: str) -> dict[str, Any]:
    return run_inside(world, "inbox", "show", item).document


def test_what_was_filled_in_is_applied_once_and_carried_out_by_the_next_sync(in_conflict: Kept) -> None:
    world = in_conflict.again()
    items = waiting(world)
    said = {
        items[SOURCE]: ("ActiveCollab gilt", "mit Ada besprochen"),
        items[TARGET]: ("MOCO gilt", ""),
        items[ACCEPTED]: ("so annehmen", "Kulanz"),
        items[RETRIED]: ("noch einmal versuchen", ""),
        items[LEFT]: ("später", ""),
    }
    path = fill_in(reported(world), said)
    world.forget_requests()

    dry = resolve(world, path, "--dry-run")
    assert (dry.code, dry.document["applied"], len(dry.document["decisions"])) == (0, 0, 4)
    meanings = {each["id"]: each["meaning"] for each in dry.document["decisions"]}
    assert "writes ActiveCollab's values" in meanings[items[SOURCE]]
    assert waiting(world) == items

    applied = resolve(world, path)
    assert (applied.code, applied.document["applied"], applied.document["later"]) == (0, 4, 1)
    assert applied.document["verdict"] == f"4 decisions of {path.name} were applied."
    assert set(waiting(world)) == {RETRIED, LEFT}
    assert (shown(world, items[SOURCE])["state"], shown(world, items[TARGET])["state"]) == ("ruled", "accepted")
    # Nobody wrote a date: then it is the day of applying.
    origin = rf" \(\d{{4}}-\d\d-\d\d, {path.name}, entered by "
    assert re.match(f"{WHO}: mit Ada besprochen{origin}", shown(world, items[SOURCE])["note"])
    assert re.match(f"{WHO}: keep target{origin}", shown(world, items[TARGET])["note"])

    again = resolve(world, path)
    assert (again.code, again.document["applied"], len(again.document["applied_before"])) == (0, 0, 4)
    assert world.moco.requests == []

    assert run_inside(world, "sync").code == 3
    written = {each.path.rsplit("/", 1)[-1] for each in world.writes()}
    assert written == {str(world.activity(SOURCE).id), str(world.activity(RETRIED).id)}
    assert world.activity(TARGET).description == "by hand"
    assert set(waiting(world)) == {LEFT}
    world.forget_requests()
    assert resolve(world, path).document["applied"] == 0
    assert run_inside(world, "sync").code == 3
    assert world.writes() == []


def test_nothing_is_applied_while_any_row_is_wrong_and_all_of_them_are_named(in_conflict: Kept) -> None:
    world = in_conflict.again()
    items = waiting(world)
    path = reported(world, "en")
    by_hand(world, ACCEPTED, "by hand, once more")
    assert run_inside(world, "sync").code == 3
    assert run_inside(world, "inbox", "resolve", items[TARGET], "--keep", "source").code == 0
    said = {
        items[SOURCE]: ("keep source", ""),
        items[TARGET]: ("keep target", ""),
        items[ACCEPTED]: ("keep source", ""),
        items[LEFT]: ("retry", ""),
    }
    filled = fill_in(path, said, "Exceptions")
    refused = resolve(world, filled)
    assert (refused.code, refused.document["exit_code"], refused.document["applied"]) == (7, 7, 0)
    problems = {each["problem"].split(" ")[0]: each for each in refused.document["problems"]}
    assert set(problems) == {items[TARGET], items[ACCEPTED], "MOCO"}
    assert "was decided already" in problems[items[TARGET]]["problem"]
    assert "no longer as the report showed it" in problems[items[ACCEPTED]]["problem"]
    assert "refused nothing" in problems["MOCO"]["problem"]
    assert all(each["where"].startswith("Für Petra, row ") for each in problems.values())
    assert shown(world, items[SOURCE])["state"] == "open"


def test_a_row_of_another_item_or_another_database_is_refused(in_conflict: Kept) -> None:
    world = in_conflict.again()
    items = waiting(world)
    path = reported(world)
    book = load_workbook(path)
    sheet = book["Ausnahmen"]
    renamed = {items[SOURCE]: items[LEFT], items[TARGET]: "i999"}
    for number in range(2, 7):
        other = renamed.get(str(sheet.cell(number, 1).value))
        if other:
            for place, value in enumerate((other, "MOCO gilt", WHO), 1):
                sheet.cell(number, place).value = value
    book.save(path)
    refused = resolve(world, path)
    told = {each["problem"] for each in refused.document["problems"]}
    assert told == {f"{items[LEFT]} is no longer as the report showed it", "the inbox has no item i999"}
    assert (refused.code, waiting(world)) == (7, items)


def test_what_verify_found_and_no_sync_put_into_the_inbox_cannot_be_decided_yet(in_conflict: Kept) -> None:
    world = in_conflict.again()
    items = waiting(world)
    world.moco.remove(world.activity(112))
    assert run_inside(world, "verify").code == 4
    path = reported(world)
    sheet = load_workbook(path)["Ausnahmen"]
    last = list(sheet.iter_rows(min_row=2, max_row=len(items) + 2))[-1]
    values = [cell.value for cell in last]
    assert 112 in values
    assert "in MOCO gelöscht; von selbst wird er nicht wieder angelegt" in values
    assert any(str(value).startswith("noch nicht im Eingang") for value in values)
    assert not last[0].value

    filled = fill_in(path, {items[TARGET]: ("MOCO gilt", ""), str(last[0].value): ("MOCO gilt", "")})
    refused = resolve(world, filled)
    (problem,) = refused.document["problems"]
    assert refused.code == 2
    assert "not in the inbox yet" in problem["problem"]
    assert "run `migrator sync`" in problem["expected"]
    # Left as it is, it is in nobody's way.
    assert resolve(world, fill_in(path, {items[TARGET]: ("MOCO gilt", "")})).document["applied"] == 1


def test_words_of_the_command_line_that_do_not_go_together_are_refused(in_conflict: Kept) -> None:
    world = in_conflict.again()
    for words in (("--dry-run",), ("i1",), ("i1", "--from", "f.xlsx"), ()):
        refused = run_inside(world, "inbox", "resolve", *words)
        assert (refused.code, refused.document) == (2, {})
    absent = resolve(world, world.folder / "absent.xlsx")
    assert (absent.code, "absent.xlsx" in absent.message) == (2, True)
