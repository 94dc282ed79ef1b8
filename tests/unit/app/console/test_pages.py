"""What the console says: the state, runs, the inbox with its commands, the mapping, the report; in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from migrator.app.console import pages
from migrator.app.console.door import Refusal
from migrator.app.console.remedies import Remedy, remedy_of, remedy_of_group
from migrator.app.console.words import TEXTS
from migrator.app.report.wording import Language, Wording
from migrator.app.secret import Secret
from migrator.core.actions import ConflictReason, HoldReason, Word
from migrator.core.billed import REFUSED
from migrator.core.model import MocoId, SourceId
from migrator.errors import ExitCode
from migrator.store.inbox import ItemKind, NewItem
from migrator.store.lease import Right
from tests.unit.app.console.scene import Scene, a_scene
from tests.unit.test_documents import _wrong_with

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\u202egnp.exe ada@agency.example \x00\x1b[31m"


@pytest.fixture
def scene(ready_url: str) -> Iterator[Scene]:
    """An empty database, at 09:30 in Berlin."""
    with a_scene(ready_url) as made:
        yield made


def text_of(scene: Scene, path: str = "/", **headers: str) -> str:
    """A page as people read it: without markup, in single blanks."""
    page = scene.page(path, **headers)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


# -- the state -----------------------------------------------------------------------------------------------------


def test_an_empty_database_says_how_it_begins(scene: Scene) -> None:
    told = text_of(scene)
    assert "Nothing has been moved yet No run has ended with success so far. The next begins now." in told
    for begin in ("migrator doctor", "migrator read", "migrator plan", "migrator report -o report"):
        assert begin in told
    assert "Nothing waits for a person." in told


def test_the_first_line_says_how_it_stands(scene: Scene) -> None:
    scene.serves()
    scene.synced(0)
    assert "All is well The last run ended well; the next begins at 09:42 (in 12 min)." in text_of(scene)
    scene.waits(NewItem(ItemKind.HELD, "UNMAPPED", "", SourceId(1)))
    assert "It works; some records wait for a person" in text_of(scene)
    scene.synced(5, "MOCO does not answer", 1)
    told = text_of(scene)
    assert "The last attempt failed The last attempt ended with 5: a temporary failure." in told
    assert "Next: migrator doctor migrator status" in told
    scene.synced(12, "the key was refused", 0.5)
    assert "Nothing gets through any more A login is refused" in text_of(scene)
    scene.held(Right.WRITE, "apply")
    page = scene.page("/")
    assert '<meta http-equiv="refresh" content="15">' in page.text
    assert "`apply` on elsewhere (process 4711) holds the right to write." in text_of(scene)
    assert "http-equiv" not in scene.page("/?still=1").text


def test_a_service_that_stands_by_says_who_works_and_one_that_fell_behind_why(ready_url: str) -> None:
    with a_scene(ready_url) as scene:
        scene.synced(0, minutes_ago=3)
        assert "No service follows the schedule at the moment" in text_of(scene)
        scene.held(Right.SERVE)
        assert "`migrator serve` on elsewhere (process 4711) does the work" in text_of(scene)


def test_scheduled_times_without_success_are_counted_and_gates_named(scene: Scene) -> None:
    scene.serves()
    scene.synced(0, minutes_ago=90)
    scene.synced(7, "this would delete 120 of 3,000", 5)
    told = text_of(scene)
    assert "5 scheduled times in a row went by without a success." in told
    assert "migrator runs show 2" in told


def test_every_way_to_end_has_words(scene: Scene) -> None:
    for code in ExitCode:
        scene.run("apply", int(code), "so it ended")
    for language in ("de", "en"):
        told = text_of(scene, f"/?lang={language}")
        for code in ExitCode:
            assert f"{int(code)} · {TEXTS[f'exit_{int(code)}'][language == 'en']}" in told


# -- languages -----------------------------------------------------------------------------------------------------


def test_the_language_is_asked_for_remembered_or_what_the_browser_prefers(scene: Scene) -> None:
    assert "Stand der Übertragung" in text_of(scene, Accept_Language="de-AT,de;q=0.9,en;q=0.5")
    assert "State of the migration" in text_of(scene, Accept_Language="fr,en;q=0.1")
    assert "State of the migration" in text_of(scene, "/?lang=xx")
    client = scene.client()
    assert '<html lang="de">' in client.get("/?lang=de", headers={"Accept-Language": "en"}).text
    assert '<html lang="de">' in client.get("/inbox", headers={"Accept-Language": "en"}).text
    assert 'href="/inbox?kind=held&amp;lang=en"' in client.get("/inbox?kind=held").text


def test_both_languages_fill_in_the_same_things() -> None:
    def names(form: str | tuple[str, str]) -> set[str]:
        return set(re.findall(r"{(\w+)}", form if isinstance(form, str) else form[1]))

    assert [key for key, (german, english) in TEXTS.items() if names(german) != names(english)] == []


def test_every_text_is_said_somewhere() -> None:
    folder = Path(pages.__file__).parent
    said = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in {".py", ".html"})
    written = (folder / "words.py").read_text(encoding="utf-8")
    derived = {f"exit_{int(code)}" for code in ExitCode} | {each.name for each in Refusal}
    derived |= {"did_sync_now", "did_pause", "did_resume"}
    assert [key for key in TEXTS if key not in derived and said.count(f'"{key}"') <= written.count(f'"{key}"')] == []


def test_a_german_reader_is_told_the_books_in_german(scene: Scene) -> None:
    number = scene.run("sync", None)
    scene.ends(number, 3, "All 3 …", '{"read": 3117, "created": 80, "unchanged": 3000, "held": 34, "rejected": 3}')
    held, rejected = (Wording(Language.DE).term(word) for word in (Word.HELD, Word.REJECTED))
    told = f"Alle 3.117 Einträge sind verbucht: 3.080 in MOCO, 34 {held}, 3 {rejected}."
    assert told in text_of(scene, "/?lang=de")
    assert "All 3 …" in text_of(scene, "/?lang=en")
    scene.ends(scene.run("read", None), 0, "1,995 …", '{"read": 1995, "rejected": 3}', '{"read": 11602656}')
    assert "1.995 Zeiteinträge mit 3.222,96 h aus ActiveCollab." in text_of(scene, "/?lang=de")
    assert "1,995 …" in text_of(scene, "/?lang=en")


# -- the inbox -----------------------------------------------------------------------------------------------------


def test_what_waits_is_counted_by_reason_with_hours_and_what_resolves_it(database_url: str) -> None:
    with a_scene(database_url) as scene:
        _what_waits(scene)


def _what_waits(scene: Scene) -> None:
    scene.staged([("Ada", "Website", 30), ("Ada", "Shop", 4.5), ("Bob", "Shop", 1)])
    scene.waits(
        NewItem(ItemKind.HELD, "UNMAPPED", "Website is not mapped", SourceId(1)),
        NewItem(ItemKind.HELD, "UNMAPPED", "Shop is not mapped", SourceId(2)),
        NewItem(ItemKind.CONFLICT, "BOTH_EDITED", "it was changed on both sides", SourceId(3), MocoId(9)),
        NewItem(ItemKind.HELD, "UNDONE", "taken back", SourceId(4)),
    )
    told = text_of(scene)
    assert "held 2 records, 34.50 h since 25 Nov 2026, 09:30" in told
    assert "migrator map export -o map.csv" in told
    assert "conflict 1 record, 1.00 h" in told
    assert "migrator inbox show i3 look at both sides migrator inbox resolve i3 --keep source" in told
    # What a person undid waits for nobody.
    assert "Wait for a person 3 35.50 h" in told
    assert "UNDONE" not in told
    assert "i4" not in told


def test_the_whole_inbox_is_paged_and_filtered(scene: Scene) -> None:
    scene.waits(
        *(NewItem(ItemKind.HELD, "UNMAPPED", f"number {n} is not mapped", SourceId(n)) for n in range(1, 121)),
        NewItem(ItemKind.REJECTED, "REJECTED", "no day", place="a.xml:3"),
    )
    seen: list[str] = []
    path: str | None = "/inbox?kind=held&reason=UNMAPPED"
    while path:
        page = scene.page(path).text
        seen += re.findall(r'id="i(\d+)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(found[1]) if found else None
    assert seen == [str(n) for n in range(1, 121)]
    assert re.findall(r'id="i(\d+)"', scene.page("/inbox?kind=rejected").text) == ["121"]
    for odd in ("/inbox?after=x", "/inbox?after=-1", "/inbox?after=" + "9" * 40, "/inbox?kind=%00&reason=%3Cscript%3E"):
        answer = scene.page(odd)
        assert answer.status_code == 200
        assert "<script" not in answer.text


ITEMS = [
    *(NewItem(ItemKind.HELD, reason.value, "", SourceId(1)) for reason in HoldReason),
    *(NewItem(ItemKind.CONFLICT, reason.value, "", SourceId(1)) for reason in ConflictReason),
    NewItem(ItemKind.QUARANTINED, "REFUSED", "", SourceId(1)),
    NewItem(ItemKind.QUARANTINED, REFUSED, "", SourceId(1)),
    NewItem(ItemKind.REJECTED, "REJECTED", "", place="a.xml:1"),
]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.kind.value}-{item.reason}")
def test_everything_that_can_wait_has_a_command_that_exists_and_words(item: NewItem) -> None:
    remedies: list[Remedy] = [remedy_of(item, 17)]
    if (of_group := remedy_of_group(item.kind, item.reason)) is not None:
        remedies.append(of_group)
    for remedy in remedies:
        assert remedy.commands
        assert [_wrong_with(command.typed) for command in remedy.commands] == [""] * len(remedy.commands)
        assert {command.text for command in remedy.commands} <= TEXTS.keys()
        assert not remedy.text or remedy.text in TEXTS


# -- mapping, report, hostility ------------------------------------------------------------------------------------


def test_holes_in_the_mapping_are_shown_by_hours_and_worked_out_once(scene: Scene) -> None:
    scene.staged([("Ada", "Website", 30), ("Bob", "Shop", 4.5)], scene.run("read", 0))
    told = text_of(scene)
    assert "0.0 % · 0.00 h are mapped, 34.50 h are not" in told
    assert told.index("30.00 h project Website") < told.index("4.50 h project Shop")
    # Changed while a run goes on: only its end makes the page look again.
    reading = scene.run("read", None)
    text_of(scene)
    scene.staged([("Ada", "Website", 50), ("Bob", "Shop", 4.5)], reading)
    assert "34.50 h are not" in text_of(scene)
    scene.ends(reading, 0, "", "{}")
    assert "54.50 h are not" in text_of(scene)


def test_the_latest_report_is_named_with_its_place_and_fingerprint(scene: Scene) -> None:
    scene.reported("/srv/reports/<b>")
    told = text_of(scene)
    assert "Made at 24 Nov 2026, 09:30 by ops, about run 2" in told
    assert "Verdict agrees, but something is open" in told
    assert "/srv/reports/<b>" in told
    assert "3f3f3f" in told


def test_what_people_typed_is_shown_harmless_and_without_addresses(scene: Scene) -> None:
    scene.staged([(HOSTILE, HOSTILE * 300, 30)])
    scene.waits(
        NewItem(ItemKind.CONFLICT, "BILLED", HOSTILE * 50, SourceId(1)),
        NewItem(ItemKind.REJECTED, "REJECTED", HOSTILE, place=HOSTILE),
    )
    Secret("canary-of-the-console")
    scene.run("read", 1, f"canary-of-the-console {HOSTILE}")
    scene.reported(HOSTILE)
    for path in ("/", "/inbox", "/?lang=de"):
        page = scene.page(path)
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "onerror=alert(2)&gt;" in page.text
        assert "{{7*7}}" in page.text
        assert "ada@" not in page.text
        assert "canary" not in page.text
        assert not {"\x00", "\x1b", "\u202e"} & set(page.text)
        assert len(page.text) < 60_000


def test_a_database_that_is_gone_is_told_without_its_address(scene: Scene, ready_url: str) -> None:
    scene.page("/")
    path = Path(ready_url.removeprefix("sqlite:///"))
    scene.place.engine.dispose()
    path.write_bytes(b"no database any more" * 1_000)
    page = scene.page("/")
    assert page.status_code == 503
    assert "The database cannot be reached at the moment." in page.text
    assert str(path) not in page.text
    assert "solar" not in page.text
