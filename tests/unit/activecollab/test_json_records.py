"""The values of a time record in JSON: each rule of reading on the smallest document that shows it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import BytesIO

import pytest

from migrator.activecollab import json_stream
from migrator.activecollab.json_reader import read_json_document
from migrator.activecollab.json_texts import site_of
from migrator.core.model import Billing, FoundEntry, ParentKind, TimeEntry
from tests.unit.activecollab.json_reading import a_json_record, listed, read_json, read_json_corpus
from tests.unit.activecollab.reading import TODAY


def the_entry(**fields: object) -> TimeEntry:
    (found,) = read_json(listed([a_json_record(**fields)])).found
    return found.entry


def test_a_record_of_the_documentation_is_read_whole() -> None:
    got = read_json_corpus("doc_samples/v5_time_records_list")
    assert got.entries[1] == TimeEntry(
        id=got.entries[1].id,
        user_id=got.entries[1].user_id,
        project_id=got.entries[1].project_id,
        day=date(2014, 5, 15),
        seconds=got.entries[1].seconds,
        billing=Billing.BILLABLE,
        text="Billable task time record",
        parent_kind=ParentKind.TASK,
        parent_id=got.entries[1].parent_id,
        job_type_id=got.entries[1].job_type_id,
        hours_raw="2.5",
        billing_raw="1",
        created_on=datetime(2015, 4, 27, 19, 59, 7, tzinfo=UTC),
        updated_on=datetime(2015, 4, 27, 19, 59, 7, tzinfo=UTC),
    )
    entry = got.entries[1]
    assert (entry.id, entry.user_id, entry.project_id, entry.parent_id, entry.job_type_id) == (2, 1, 1, 1, 1)
    assert entry.seconds == 9_000


def test_hours_are_exactly_what_was_written() -> None:
    assert [(entry.hours_raw, entry.seconds) for entry in read_json_corpus("v5_hours_exact").entries] == [
        ("3", 10_800),
        ("2.50", 9_000),
        ("0.17", 612),
        ("0.010", 36),
        ("3.3299999237061", 11_988),
        ("3:45", 13_500),
    ]


def test_a_day_is_the_same_day_in_every_form() -> None:
    assert {entry.day for entry in read_json_corpus("v5_days").entries} == {date(2014, 5, 14)}


def test_the_trash_is_told_in_every_form_of_a_flag() -> None:
    assert [entry.trashed for entry in read_json_corpus("v5_flags").entries] == [True, True, True, False, False]


def test_summaries_are_plain_text() -> None:
    assert [entry.text for entry in read_json_corpus("v5_summaries").entries] == [
        "",
        "One & two\nthree",
        "",
        "abc",
        "from body",
    ]


def test_what_no_database_can_hold_is_replaced_where_it_must_not_vanish_unseen() -> None:
    (reject,) = read_json(listed([a_json_record(value="1\x005")])).rejected
    assert (reject.field, reject.value) == ("value", "1\ufffd5")


def test_time_of_older_generations_is_read_from_their_json_too() -> None:
    (entry,) = read_json_corpus("v3_tracking").entries
    assert (entry.day, entry.seconds, entry.billing, entry.parent_id) == (
        date(2014, 5, 14),
        9_000,
        Billing.PENDING_PAYMENT,
        12,
    )
    assert entry.created_on == entry.updated_on == datetime(2014, 5, 14, 10, tzinfo=UTC)
    assert entry.permalink == "https://ac.example.com/public/index.php?path_info=projects%2Fsite%2Ftime"
    (entry,) = read_json_corpus("v2_list").entries
    assert (entry.user_id, entry.billing, entry.parent_kind, entry.private) == (
        3,
        Billing.BILLABLE,
        ParentKind.TASK,
        True,
    )


def test_people_without_an_account_are_told_by_name_and_address() -> None:
    (entry,) = read_json_corpus("v5_person_without_account").entries
    assert (entry.user_id, entry.worker_name, entry.worker_email) == (None, "Ann Lee", "ann@x.example")


def test_time_on_a_project_has_no_other_parent() -> None:
    entry = the_entry(parent_type="Project", parent_id=7)
    assert (entry.project_id, entry.parent_kind, entry.parent_id) == (7, ParentKind.PROJECT, None)


@pytest.mark.parametrize(
    ("base_url", "site"),
    [
        ("https://ac.example.com/api/v1", "https://ac.example.com"),
        ("https://ac.example.com/api/v1/", "https://ac.example.com"),
        ("https://app.activecollab.com/17/api/v1", "https://app.activecollab.com/17"),
        ("https://app.activecollab.com/17", "https://app.activecollab.com/17"),
        ("http://ac.example.com:8080/ac/public/api.php?token=1-x", "http://ac.example.com:8080/ac"),
        ("https://ann:secret@ac.example.com/", "https://ac.example.com"),
        ("http://[::1]:80/api/v1", "http://[::1]:80"),
        ("javascript:alert(1)", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_paths_become_permalinks_of_the_site(base_url: str, site: str) -> None:
    assert site_of(base_url) == site
    (entry,) = read_json(listed([a_json_record()]), base_url=base_url).entries
    assert entry.permalink == (f"{site}/projects/7/time-records/1" if site else "")


@pytest.mark.parametrize("path", ["javascript:alert(1)", "projects/7", "/a b", None, 5])
def test_nothing_else_becomes_a_permalink(path: object) -> None:
    record = a_json_record(url_path=path, project_id=7)
    (entry,) = read_json(listed([record]), base_url="https://ac.example.com").entries
    assert entry.permalink == ""


def test_the_hash_is_of_the_values_not_of_their_order_or_blanks() -> None:
    record = a_json_record(summary="Größe")
    turned = dict(reversed(record.items()))
    one, other, third = (
        read_json(json.dumps([written], indent=indent, ensure_ascii=ascii_only)).found[0].fragment_hash
        for written, indent, ascii_only in (
            (record, None, True),
            (turned, 2, False),
            ({**record, "new": 1}, None, True),
        )
    )
    assert one == other
    assert third != one
    assert len(one) == 64


def test_the_line_of_a_record_is_its_place_in_the_document() -> None:
    got = read_json(listed([a_json_record(id=5), a_json_record(id=None), a_json_record(id=6)]))
    assert [found.origin.line for found in got.found] == [1, 3]
    assert got.rejected[0].origin.line == 2


def test_a_reject_tells_all_that_was_readable() -> None:
    (reject,) = read_json(listed([a_json_record(billable_status=9, updated_on=1_430_164_747)])).rejected
    assert (reject.source_id, reject.seconds) == (1, 5_400)
    assert reject.updated_on == datetime(2015, 4, 27, 19, 59, 7, tzinfo=UTC)


def test_a_reject_of_two_descriptions_shows_neither() -> None:
    document = listed([a_json_record(summary="private words")]).replace('"id"', '"summary": "other", "id"', 1)
    (reject,) = read_json(document).rejected
    assert reject.field == "summary"
    assert "words" not in reject.message


def test_a_giant_text_is_refused_and_the_next_record_is_read() -> None:
    got = read_json(listed([a_json_record(summary="x" * 1_000_001), a_json_record(id=2)]))
    assert [(reject.source_id, reject.field) for reject in got.rejected] == [(1, "summary")]
    assert [entry.id for entry in got.entries] == [2]


@pytest.mark.parametrize(
    "document",
    [
        '{"time_records": [{"id": 1, "summary": "',
        '{"id": 1, "summary": "',
    ],
)
def test_an_object_without_end_is_given_up_within_bounded_memory(document: str) -> None:
    (told,) = read_json(document + "x" * json_stream.MOST_BYTES_PER_OBJECT + '"').problems
    assert "longer than 8 MB" in told.message


@pytest.mark.parametrize("begin", ['{"id": 1, "a": [', '{"single": {"a": [', "[["])
def test_an_object_of_very_many_values_is_given_up(begin: str) -> None:
    (told,) = read_json(begin + "0," * (json_stream.MOST_VALUES_PER_OBJECT + 1)).problems
    assert "more than 200,000 values" in told.message


def test_a_document_of_very_many_keys_is_given_up() -> None:
    keys = ",".join(f'"k{number}": []' for number in range(json_stream.MOST_VALUES_PER_OBJECT + 2))
    (told,) = read_json("{" + keys + "}").problems
    assert "more than 200,000 values" in told.message


def test_a_document_may_be_far_longer_than_its_longest_object() -> None:
    got = read_json(listed(a_json_record(id=number, summary="x" * 900_000) for number in range(1, 12)))
    assert (len(got.found), got.problems) == (11, ())


class StreamThatBreaks(BytesIO):
    """Gives what it has, then fails as a disk or a share does."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if not piece:
            raise OSError(5, "Input/output error")
        return piece


def test_an_error_of_the_stream_is_left_to_the_caller_after_what_was_read() -> None:
    records = [a_json_record(id=number, summary="x" * 40_000) for number in range(1, 6)]
    readings = read_json_document(StreamThatBreaks(listed(records).encode()), "a.json", timezone=UTC, today=TODAY)
    assert isinstance(next(readings), FoundEntry)
    with pytest.raises(OSError, match="Input/output error"):
        list(readings)
