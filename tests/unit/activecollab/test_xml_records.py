"""The values of a time record: each rule of reading on the smallest document that shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from migrator.activecollab.xml_reader import read_document
from migrator.core.model import Billing, FoundEntry, ParentKind, TimeEntry
from tests.unit.activecollab.reading import TODAY, a_record, read, read_corpus


def the_entry(document: str) -> TimeEntry:
    (found,) = read(document).found
    return found.entry


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("v2_padded_cdata", "padded"),
        ("v2_split_cdata_and_comment", "a ]]> b c"),
        ("v2_html_body", "One & two three\n- four"),
        ("v2_unescaped_markup_in_body", "One\ntwo & three"),
        ("v3_summary_before_body", "new"),
        ("odd_declaration_inside_cdata", '<?xml version="1.0"?> and <!DOCTYPE x>'),
        ("odd_declared_windows_1252", "5 €"),
        ("odd_xinclude_is_not_followed", "text"),
        ("doc_samples/v2_time_record_add_response", ""),
    ],
)
def test_the_description_is_plain_text(case: str, text: str) -> None:
    assert read_corpus(case).entries[0].text == text


def test_hours_keep_what_was_written() -> None:
    entries = read_corpus("v2_hours_forms").entries
    assert [(entry.hours_raw, entry.seconds) for entry in entries] == [
        ("3:45", 13_500),
        ("3,75", 13_500),
        ("+1.5", 5_400),
        ("1.0E-2", 36),
        ("0", 0),
        ("3.3299999237061", 11_988),
    ]


def test_a_day_is_the_same_day_in_every_form() -> None:
    assert {entry.day for entry in read_corpus("v2_day_forms").entries} == {date(2008, 5, 1)}
    assert {entry.day for entry in read_corpus("v3_nested_dates").entries} == {date(2012, 7, 18)}


def test_a_day_of_next_year_is_read_until_a_year_from_today() -> None:
    document = a_record(record_date="2025-03-01")
    assert read(document, today=date(2024, 2, 29)).entries
    assert read(document, today=date(2024, 2, 28)).rejected


def test_the_worker_is_the_user_and_never_the_creator() -> None:
    entry = the_entry(a_record(user_id="3", created_by_id="9", created_by="<id>9</id>"))
    assert entry.user_id == 3


def test_people_without_an_account_are_told_by_name_and_address() -> None:
    told = [
        (entry.user_id, entry.worker_name, entry.worker_email)
        for entry in read_corpus("v3_person_without_account").entries
    ]
    assert told == [(None, "Ann Lee", "ann@x.example"), (None, "Bob", "bob@x.example"), (None, "Cy", "")]


def test_an_account_goes_before_the_free_name() -> None:
    entry = the_entry(a_record(record_user="Ann Lee"))
    assert (entry.user_id, entry.worker_name) == (3, "")


@pytest.mark.parametrize(
    ("written", "name", "email"),
    [
        ("Ann Lee", "Ann Lee", ""),
        ("ANN@x.example", "", "ann@x.example"),
        ("&quot;Lee, Ann&quot; &lt;a@x.example&gt;", "Lee, Ann", "a@x.example"),
    ],
)
def test_a_free_record_user_is_taken_apart(written: str, name: str, email: str) -> None:
    entry = the_entry(a_record(user_id="0", record_user=written))
    assert (entry.worker_name, entry.worker_email) == (name, email)


def test_a_number_is_nobodys_name() -> None:
    (reject,) = read(a_record(user_id="", record_user="17")).rejected
    assert reject.field == "user_id"


@pytest.mark.parametrize(
    ("fields", "billing"),
    [
        ({"billable_status": "0"}, Billing.NOT_BILLABLE),
        ({"billable_status": "3"}, Billing.PAID),
        ({"billable_status": "", "is_billable": "0", "is_billed": "1"}, Billing.NOT_BILLABLE),
        ({"billable_status": "", "is_billable": "1", "is_billed": "0"}, Billing.BILLABLE),
        ({"billable_status": "", "is_billable": "true"}, Billing.BILLABLE),
        ({"billable_status": "", "is_billable": "1", "is_billed": "1"}, Billing.PAID),
    ],
)
def test_billing_comes_from_the_status_or_before_it_existed_from_the_old_pair(
    fields: dict[str, str], billing: Billing
) -> None:
    (found,) = read(a_record(**fields)).found
    assert found.entry.billing is billing
    assert found.entry.billing_raw == fields["billable_status"]
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("status", "is_billable", "is_billed", "warned"),
    [
        ("0", "0", "1", False),
        ("0", "1", "0", True),
        ("1", "0", "0", True),
        ("1", "1", "0", False),
        ("1", "1", "1", True),
        ("2", "1", "0", False),
        ("2", "1", "1", False),
        ("3", "1", "1", False),
        ("3", "1", "0", True),
        ("3", "0", "1", True),
    ],
)
def test_the_status_wins_and_a_contradicting_old_pair_is_told(
    status: str, is_billable: str, is_billed: str, warned: bool
) -> None:
    (found,) = read(a_record(billable_status=status, is_billable=is_billable, is_billed=is_billed)).found
    assert found.entry.billing == int(status)
    assert any("say otherwise" in warning for warning in found.warnings) is warned


def test_a_status_that_cannot_be_used_is_not_replaced_by_the_old_pair() -> None:
    (reject,) = read(a_record(billable_status="...", is_billable="1")).rejected
    assert reject.field == "billable_status"


def test_parents_of_the_second_generation() -> None:
    assert [(entry.parent_kind, entry.parent_id) for entry in read_corpus("v2_parents").entries] == [
        (ParentKind.TASK, 12),
        (ParentKind.PROJECT, None),
        (ParentKind.PROJECT, None),
        (ParentKind.PROJECT, None),
        (ParentKind.PROJECT, None),
        (ParentKind.TASK, 12),
    ]


def test_parents_of_the_third_generation() -> None:
    assert [(entry.parent_kind, entry.parent_id) for entry in read_corpus("v3_parents").entries] == [
        (ParentKind.TASK, 12),
        (ParentKind.PROJECT, None),
        (ParentKind.UNKNOWN, 12),
        (ParentKind.PROJECT, None),
    ]


def test_job_types_are_read_flat_and_nested_and_0_is_none() -> None:
    assert [entry.job_type_id for entry in read_corpus("v3_job_type_nested_and_flat").entries] == [5, 6, None]


def test_trash_is_not_the_archive_and_private_is_told() -> None:
    entries = read_corpus("v2_trashed_archived_private").entries
    assert [entry.trashed for entry in entries] == [True, True, False, False]
    assert [entry.private for entry in entries] == [False, False, False, True]
    assert [entry.state_raw for entry in entries] == ["1", "", "2", "3"]


def test_only_web_addresses_are_kept() -> None:
    assert [entry.permalink for entry in read_corpus("v2_permalinks").entries] == [
        "https://ac.example.com/p/1",
        "",
        "",
    ]


def test_moments_are_utc_and_an_unreadable_one_is_only_a_warning() -> None:
    first, second, third = read_corpus("v2_moments").found
    assert first.entry.created_on == datetime(2011, 1, 1, 8, tzinfo=UTC)
    assert first.entry.updated_on == first.entry.created_on
    assert second.entry.created_on == datetime(2011, 1, 1, 8, tzinfo=UTC)
    assert second.entry.updated_on == datetime(2011, 1, 2, 8, tzinfo=UTC)
    assert (third.entry.created_on, third.entry.updated_on) == (None, None)
    assert [len(found.warnings) for found in (first, second, third)] == [0, 0, 1]
    assert "created_on 'yesterday' cannot be used" in third.warnings[0]


def test_moments_without_a_zone_are_in_the_servers() -> None:
    document = a_record(created_on="2011-07-01 08:00:00", updated_on="2011-07-01T08:00:00+01:00")
    (entry,) = read(document, timezone=ZoneInfo("Europe/Berlin")).entries
    assert entry.created_on == datetime(2011, 7, 1, 6, tzinfo=UTC)
    assert entry.updated_on == datetime(2011, 7, 1, 7, tzinfo=UTC)
    assert entry.day == date(2008, 5, 1)


def test_version_and_milestone_are_read_or_warned_about() -> None:
    (found,) = read(a_record(version="4", milestone_id="8")).found
    assert (found.entry.version, found.entry.milestone_id, found.warnings) == (4, 8, ())
    (found,) = read(a_record(version="x", milestone_id="y", state="z")).found
    assert (found.entry.version, found.entry.milestone_id, found.entry.trashed) == (None, None, False)
    assert [warning.partition(" ")[0] for warning in found.warnings] == ["state", "version", "milestone_id"]


def test_the_documentations_placeholders_are_read_as_missing_with_one_warning() -> None:
    (found,) = read_corpus("doc_samples/v2_time_record_add_response").found
    assert found.entry == TimeEntry(
        id=found.entry.id,
        user_id=found.entry.user_id,
        project_id=found.entry.project_id,
        day=date(2008, 5, 1),
        seconds=found.entry.seconds,
        billing=Billing.NOT_BILLABLE,
        hours_raw="3.5",
        billing_raw="0",
    )
    assert found.warnings == (
        "the documentation's placeholder '...' was read as missing: body, created_on, is_billable, is_billed, "
        "milestone_id, parent_id, permalink, state, updated_on, version, visibility",
    )


def test_a_reject_tells_all_that_was_readable() -> None:
    document = "\n\n" + a_record(billable_status="9", version="4", updated_on="2011-01-01 08:00:00")
    (reject,) = read(document).rejected
    assert (reject.source_id, reject.seconds, reject.version) == (1, 5_400, 4)
    assert reject.updated_on == datetime(2011, 1, 1, 8, tzinfo=UTC)
    assert reject.message == (
        "a.xml:3: time record 1: billable_status '9' cannot be used; expected a billable status from 0 to 3"
    )


def test_a_reject_of_two_descriptions_shows_neither() -> None:
    document = a_record(body="private words").replace("</time_record>", "<body>other</body></time_record>")
    (reject,) = read(document).rejected
    assert reject.field == "body"
    assert "words" not in reject.message


def test_a_giant_text_is_refused_and_the_next_record_is_read() -> None:
    giant = a_record(body="x" * 1_000_001).replace("</time_records>", "")
    got = read(giant + a_record(id="2").replace("<time_records>", ""))
    assert [(reject.source_id, reject.field) for reject in got.rejected] == [(1, "body")]
    assert [entry.id for entry in got.entries] == [2]


def test_every_record_has_its_line_and_the_hash_of_its_element() -> None:
    pretty = a_record(body="x").replace("><", ">\n<").replace("<time_records>\n", "").replace("</time_records>", "")
    lines = pretty.count("\n")
    found = read("<time_records>\n" + pretty * 8_000 + "</time_records>").found
    assert [one.origin.line for one in found] == [2 + lines * number for number in range(8_000)]
    assert len({one.fragment_hash for one in found}) == 1
    assert found[0].fragment_hash != read(a_record(body="y")).found[0].fragment_hash


def test_an_element_without_end_is_given_up_within_bounded_memory() -> None:
    field = "<note>" + "x" * 1_000_000 + "</note>"
    (told,) = read("<time_records><time_record>" + field * 33 + "</time_record></time_records>").problems
    assert "longer than 32 MB" in told.message


def test_a_document_may_be_far_longer_than_its_longest_element() -> None:
    listing = a_record(body="x" * 900_000)
    record = listing.removeprefix("<time_records>").removesuffix("</time_records>")
    got = read("<time_records>" + record * 40 + "</time_records>")
    assert (len(got.found), got.problems) == (40, ())


class StreamThatBreaks(BytesIO):
    """Gives what it has, then fails as a disk or a share does."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if not piece:
            raise OSError(5, "Input/output error")
        return piece


def test_an_error_of_the_stream_is_left_to_the_caller_after_what_was_read() -> None:
    listing = a_record(body="x" * 40_000).removesuffix("</time_records>")
    stream = StreamThatBreaks((listing + listing.removeprefix("<time_records>") * 3).encode())
    readings = read_document(stream, "a.xml", timezone=UTC, today=TODAY)
    assert isinstance(next(readings), FoundEntry)
    with pytest.raises(OSError, match="Input/output error"):
        list(readings)
