"""Records as they are written: kept of those that cannot be used, and found again in the document of the others."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, date
from pathlib import Path

import pytest

import migrator
from migrator.activecollab.export import read_documents
from migrator.activecollab.fragment_search import Place, find_fragment
from migrator.activecollab.fragments import LONGEST, kept
from migrator.core.model import FoundEntry, Reading, Rejected

GOOD = "<time_record><id>{id}</id><user_id>1</user_id><project_id>2</project_id><value>1.5</value><body>{body}</body>"
GOOD += "<record_date>2024-01-0{id}</record_date><billable_status>1</billable_status></time_record>"
BAD = "<time_record><id>9</id><value>drei</value><body>Grüße</body></time_record>"
BROKEN = "<time_record><id>8</id><value>1.5</value><body>A & B</body></time_record>"
ODD = "<zeitsatz><id>7</id></zeitsatz>"


def _xml(*records: str) -> bytes:
    return "\n".join(['<?xml version="1.0"?>', "<time_records>", *records, "</time_records>"]).encode()


def _good(id_: int, body: str = "Entwurf") -> str:
    return GOOD.format(id=id_, body=body)


def _read(path: Path) -> list[Reading]:
    return list(read_documents([path], path.parent, timezone=UTC, today=date(2026, 1, 1)))


def _entries(path: Path) -> list[FoundEntry]:
    return [each for each in _read(path) if isinstance(each, FoundEntry)]


def _place(found: FoundEntry) -> Place:
    return Place(found.origin.line, found.fragment_hash, migrator.__version__, UTC)


@pytest.mark.parametrize("record", [BAD, BROKEN, ODD])
def test_a_rejected_record_comes_with_its_own_markup(tmp_path: Path, record: str) -> None:
    path = tmp_path / "time.xml"
    path.write_bytes(_xml(_good(1), record, _good(2)))
    (reject,) = [each for each in _read(path) if isinstance(each, Rejected)]
    assert reject.fragment == record
    assert "Grüße" not in repr(reject)


def test_a_rejected_object_of_json_comes_with_its_keys_in_order(tmp_path: Path) -> None:
    one = {"id": 9, "class": "TimeRecord", "value": "drei", "summary": "Grüße"}
    path = tmp_path / "time.json"
    path.write_text(json.dumps([one]), encoding="utf-8")
    (reject,) = [each for each in _read(path) if isinstance(each, Rejected)]
    assert list(json.loads(reject.fragment).items()) == list(one.items())


def test_a_long_fragment_is_cut_and_says_so() -> None:
    raw = b"<a>" + "ü".encode() * LONGEST
    text = kept(raw)
    shown, _, told = text.rpartition("\n")
    assert told == f"… cut after 8,192 of {len(raw):,} bytes"
    assert raw.decode().startswith(shown)
    assert len(shown.encode()) >= LONGEST - 1
    assert kept(b"<a>\0</a>") == "<a>\ufffd</a>"


def test_a_record_is_found_again_wherever_its_document_is_packed(tmp_path: Path) -> None:
    raw = _xml(_good(1) + _good(2, "eins"), _good(3, "zwei"))
    (tmp_path / "plain.xml").write_bytes(raw)
    (tmp_path / "packed.xml.gz").write_bytes(gzip.compress(raw))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a/other.xml", _xml(_good(5)))
        archive.writestr("a/time.xml", raw)
    for name, member in (("plain.xml", ""), ("packed.xml.gz", ""), ("all.zip", "a/time.xml")):
        found = [each for each in _entries(tmp_path / name) if each.entry.id != 5]
        texts = [find_fragment(tmp_path / name, member, _place(each)) for each in found]
        assert texts == [_good(1), _good(2, "eins"), _good(3, "zwei")], name
    assert find_fragment(tmp_path / "all.zip", "a/gone.xml", _place(found[0])) is None


def test_an_object_of_json_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "time.json"
    one = {"class": "TimeRecord", "id": 3, "user_id": 1, "project_id": 2, "value": 1.5}
    one |= {"record_date": "2024-01-03", "billable_status": 1, "summary": "Entwurf"}
    path.write_text(json.dumps([{"class": "User", "id": 1, "email": "a@b.example"}, one]), encoding="utf-8")
    (found,) = _entries(path)
    text = find_fragment(path, "", _place(found))
    assert text is not None
    assert json.loads(text) == one
    path.write_text(path.read_text(encoding="utf-8").replace("Entwurf", "Anders"), encoding="utf-8")
    assert find_fragment(path, "", _place(found)) is None


def test_what_stands_there_now_is_not_taken_for_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "time.xml"
    path.write_bytes(_xml(_good(1), _good(2)))
    found = _entries(path)[1]
    path.write_bytes(_xml(_good(1), _good(2, "geändert")))
    assert find_fragment(path, "", _place(found)) is None
    path.write_bytes(b"<html>gone</html>")
    assert find_fragment(path, "", _place(found)) is None
