"""`evidence`: a package that proves a run by itself, and that no byte of can be changed without being found."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from migrator.app.evidence import verify
from migrator.app.evidence.pack import new_pack
from migrator.sandbox.faults import LoseAnswer
from tests.system.export import PEOPLE, Record, some_records
from tests.system.harness import BULK, KEY, World
from tests.system.inside import run_inside

MANY = 8
EDITED, CHANGED, BAD = 103, 104, 900


@dataclass(frozen=True, slots=True)
class Packed:
    """A world with a sync and a verification behind it, and the packages of both."""

    world: World
    sync: Path
    whole: Path
    root: str


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packed]:
    folder = tmp_path_factory.mktemp("evidence")
    records = [replace(each, text=f"für {PEOPLE[1].email}") for each in some_records(MANY)]
    records.append(Record(BAD, hours="drei"))
    with World(folder, records, moco__timeout_seconds=0.7, moco__settle_seconds=0.2) as world:
        world.moco.fault(LoseAnswer(), method="POST", path=f".*{BULK}")
        assert world.run_to_the_end("sync").code == 3
        world.change(CHANGED, text="neu")
        assert world.run("sync").code == 3
        world.moco.edit(replace(world.activity(EDITED), seconds=60, worked_seconds=60))
        assert world.run("verify").code == 3
        sync, whole = folder / "sync.zip", folder / "verify.zip"
        runs = world.run("runs", "list").document["runs"]
        number = min(each["run"] for each in runs if each["kind"] == "sync")
        world.hang_up()
        assert world.run("evidence", str(number), "-o", str(sync)).code == 0
        made = world.run("evidence", "last", "-o", str(whole))
        assert made.code == 0
        yield Packed(world, sync, whole, made.document["root"])


def files(path: Path) -> dict[str, bytes]:
    """What is in a package."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(path: Path, name: str) -> list[dict[str, str]]:
    """A table of a package."""
    return list(csv.DictReader(io.StringIO(files(path)[name].decode(), newline="")))


def document(path: Path, name: str) -> Any:  # JSON
    return json.loads(files(path)[name])


def test_a_package_holds_what_happened_and_agrees_with_moco(packed: Packed) -> None:
    rows = {int(row["source_id"]): row for row in table(packed.whole, "matches.csv")}
    assert rows.keys() == {*range(101, 101 + MANY), BAD}
    for record in packed.world.records.values():
        if record.id == BAD:
            continue
        row, activity = rows[record.id], packed.world.activity(record.id)
        seconds = [int(row[f"{side}_seconds"]) for side in ("source", "sent", "target")]
        assert seconds == [record.seconds, record.seconds, activity.seconds]
        assert (int(row["activity_id"]), row["word"], row["document"]) == (activity.id, "unchanged", "export/time.xml")
        assert (row["answered_fingerprint"] == row["shown_fingerprint"]) == (record.id != EDITED)
    assert (rows[BAD]["word"], rows[BAD]["request"], len(rows[BAD]["fragment_sha256"])) == ("rejected", "", 64)
    deciding = [row for row in table(packed.whole, "requests.csv") if row["decides"] == "yes"]
    assert sorted(int(row["source_id"]) for row in deciding) == list(range(101, 101 + MANY))
    assert {row["source_id"] for row in deciding if row["write"] == "update"} == {str(CHANGED)}
    totals = document(packed.whole, "totals.json")
    assert totals["by_word"]["unchanged"]["records"] == MANY
    assert totals["matches"]["target_seconds"] == sum(each.seconds for each in packed.world.moco.activities)
    (inputs,) = [each for each in document(packed.whole, "inputs.json") if each["name"] == "export/time.xml"]
    assert inputs["sha256"] == hashlib.sha256((packed.world.folder / "export" / "time.xml").read_bytes()).hexdigest()
    assert document(packed.whole, "versions.json")["program"]


def test_the_package_of_a_run_holds_what_it_wrote(packed: Packed) -> None:
    rows = table(packed.sync, "matches.csv")
    assert [int(row["source_id"]) for row in rows] == list(range(101, 101 + MANY))
    assert {row["word"] for row in rows} == {"created"}
    requests = {row["id"]: row for row in table(packed.sync, "requests.csv")}
    assert {requests[row["request"]]["payload_sha256"] for row in rows} == {row["payload_sha256"] for row in rows}
    outcomes = {row["outcome"] for row in requests.values() if row["write"] == "create"}
    assert outcomes == {"answered", "found"}
    log = [json.loads(line) for line in files(packed.sync)["log.jsonl"].splitlines()]
    assert [line["at"] for line in log] == sorted(line["at"] for line in log)
    assert [line["event"] for line in log if line["event"].startswith("run")] == ["run_started", "run_ended"]


def test_a_package_is_private_and_names_nobody_unless_asked(packed: Packed) -> None:
    assert packed.whole.stat().st_mode & 0o777 == 0o600
    named = packed.world.folder / "named.zip"
    assert packed.world.run("evidence", "last", "-o", str(named), "--with-people").code == 0
    nobody, somebody = (b"".join(files(path).values()) for path in (packed.whole, named))
    for text in (KEY, "@kunde.example", *(each.last for each in PEOPLE), "Website & Shop"):
        assert text.encode() not in nobody, text
    assert KEY.encode() not in somebody
    assert PEOPLE[1].email.encode() in somebody
    assert verify.check(named) == ([], verify.check(named)[1])


def test_the_same_database_gives_the_same_bytes(packed: Packed) -> None:
    again = packed.world.folder / "again.zip"
    assert run_inside(packed.world, "evidence", "last", "-o", str(again)).document["root"] == packed.root
    assert again.read_bytes() == packed.whole.read_bytes()


def test_an_auditor_checks_it_with_nothing_but_python(packed: Packed, tmp_path: Path) -> None:
    script = files(packed.whole)["verify.py"]
    ast.parse(script, feature_version=(3, 8))
    (tmp_path / "verify.py").write_bytes(script)
    line = [sys.executable, "-I", "-S", "verify.py", str(packed.whole), "--root"]
    right = subprocess.run([*line, packed.root], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (right.returncode, right.stdout.splitlines()[-1]) == (0, "All of it is as it was written, and agrees.")
    wrong = subprocess.run([*line, "0" * 64], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (wrong.returncode, "this is another package" in wrong.stdout) == (4, True)
    with zipfile.ZipFile(packed.whole) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert verify.check(tmp_path / "unpacked", packed.root) == ([], packed.root)


def test_every_flipped_byte_is_found_and_its_file_named(packed: Packed, tmp_path: Path) -> None:
    whole, path = packed.sync.read_bytes(), tmp_path / "flipped.zip"
    with zipfile.ZipFile(packed.sync) as archive:
        entries = archive.infolist()
        ends = [*(each.header_offset for each in entries[1:]), archive.start_dir]
        names = {path.name, *archive.namelist()}
    drawn = random.Random(6)
    places = [*range(40), *range(len(whole) - 120, len(whole)), *(drawn.randrange(len(whole)) for _ in range(160))]
    for place in places:
        path.write_bytes(_flipped(whole, place, 1 << drawn.randrange(8)))
        problems, _ = verify.check(path)
        assert problems, place
        assert place >= ends[-1] or {each.partition(":")[0] for each in problems} <= names, (place, problems)
    # In the middle of the content of each file, the script and the manifest included.
    for entry, end in zip(entries, ends, strict=True):
        path.write_bytes(_flipped(whole, end - entry.compress_size // 2 - 1, 255))
        assert entry.filename in {each.partition(":")[0] for each in verify.check(path)[0]}


def _flipped(whole: bytes, place: int, bits: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ bits]) + whole[place + 1 :]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("matches.csv", b",13500,13500,13500,", b",13500,13500,13600,", "totals.json: target_seconds is"),
        ("matches.csv", b"created", b"updated", "totals.json: its words are not those"),
        ("requests.csv", b",yes,", b",no,", "matches.csv: 8 rows name a request, but requests.csv has 7"),
        ("requests.csv", b",create,", b",croate,", "log.jsonl: it tells of other requests"),
        ("requests.csv", b",answered,", b",found,", "totals.json: its requests are not those"),
        ("log.jsonl", b'"rows":', b'"rows" :', "does not follow the line before it"),
        ("plan.json", b'"rows": {}', b'"rows": {"create": {"records": 1, "seconds": 1}}', "plan.json: its rows"),
        ("totals.json", b'"sent_seconds"', b'"sunt_seconds"', "totals.json: it is not in the form"),
    ],
)
def test_a_forger_who_hashes_everything_anew_is_still_caught(
    packed: Packed, tmp_path: Path, name: str, old: bytes, new: bytes, words: str
) -> None:
    content, path = files(packed.sync), tmp_path / "forged.zip"
    manifest = json.loads(content.pop("manifest.json"))
    assert old in content[name], content[name][:3000]
    content[name] = content[name].replace(old, new, 1)
    with new_pack(path) as pack:
        for each, raw in content.items():
            pack.put(each, [raw])
        pack.close({"log": manifest["log"]})
    problems, root = verify.check(path)
    assert any(words in each for each in problems), problems
    assert root != packed.root


def test_the_command_tells_right_from_wrong(packed: Packed, tmp_path: Path) -> None:
    right = run_inside(packed.world, "evidence", "check", str(packed.whole), "--root", packed.root)
    assert (right.code, right.document["problems"], right.document["root"]) == (0, [], packed.root)
    cut = tmp_path / "cut.zip"
    shutil.copy(packed.whole, cut)
    with cut.open("r+b") as stream:
        stream.truncate(cut.stat().st_size // 2)
    wrong = run_inside(packed.world, "evidence", "check", str(cut))
    assert (wrong.code, wrong.document["problems"][0]["file"]) == (4, "cut.zip")
    misused = (
        ("check",),
        ("last",),
        ("99", "-o", str(cut)),
        ("x", "-o", str(cut)),
        ("check", str(tmp_path / "none.zip")),
    )
    for words in misused:
        assert run_inside(packed.world, "evidence", *words).code == 2, words
