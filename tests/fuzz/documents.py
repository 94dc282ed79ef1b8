"""Good documents of every generation, in pieces that can be shuffled and damaged one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from migrator.core.model import TimeEntry
from tests.unit.activecollab.reading import CORPUS, read


@dataclass(frozen=True, slots=True)
class Whole:
    """A good document: what stands before, between and behind its records, and the records as they are written.

    Everything but descriptions is ASCII, so that a damaged declaration can spoil nothing else.
    """

    name: str
    head: bytes
    records: tuple[bytes, ...]
    between: bytes
    tail: bytes

    def joined(self, records: tuple[bytes, ...]) -> bytes:
        """A document of `records`."""
        return self.head + self.between.join(records) + self.tail


def alone(whole: Whole, record: bytes) -> tuple[TimeEntry, ...]:
    """What one record holds: one entry, or nothing when it is an expense."""
    return _alone(replace(whole, head=whole.head.rstrip(b" ")), record)


@cache
def _alone(whole: Whole, record: bytes) -> tuple[TimeEntry, ...]:
    got = read(whole.joined((record,)), name=whole.name)
    assert not got.problems
    assert not got.rejected
    return got.entries


_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_RECORDS_2 = (
    "<id>{id}</id><type><![CDATA[TimeRecord]]></type><name><![CDATA[1.5 hours]]></name>"
    "<body>\n    <![CDATA[<p>Größe &amp; more</p>]]>\n  </body><state>3</state><visibility>1</visibility>"
    "<created_on>2011-01-01 08:00:00</created_on><created_by_id>9</created_by_id><updated_on></updated_on>"
    "<version>2</version><project_id>7</project_id><parent_id>12</parent_id>"
    "<permissions><can_edit>1</can_edit></permissions><billable_status>1</billable_status><value>1.5</value>"
    "<record_date>2008-05-01</record_date><is_billable>1</is_billable><is_billed>0</is_billed><user_id>3</user_id>",
    "<user><id>3</id><first_name>Ann</first_name><email>ann@x.example</email></user><id>{id}</id><value>3:45</value>"
    "<project_id>7</project_id><record_date>2008-05-02</record_date><is_billable>0</is_billable>",
    "<id>{id}</id><project_id>8</project_id><user_id>4</user_id><value>0</value><record_date>2008-05-03</record_date>"
    "<billable_status>3</billable_status><state>1</state><body/>",
)
_RECORDS_3 = (
    "<id>{id}</id><class>TimeRecord</class><project><id>7</id><name>Site</name></project><user><id>3</id></user>"
    "<parent_class>Task</parent_class><parent_id>12</parent_id><billable_status>2</billable_status>"
    "<value>0.17</value><record_date> <![CDATA[2012-07-18]]> </record_date>"
    "<summary><![CDATA[Töpfe ]]]]><![CDATA[> x]]></summary><job_type><id>5</id><name>Design</name></job_type>",
    "<id>{id}</id><class>Expense</class><project><id>7</id></project><user><id>3</id></user><value>250</value>"
    "<record_date>2012-07-18</record_date><billable_status>1</billable_status>",
    "<id>{id}</id><class>TimeRecord</class><project_id>7</project_id><record_user>Cy &lt;cy@x.example&gt;</record_user>"
    "<billable_status>0</billable_status><value>8</value>"
    "<record_date><timestamp>1342569600</timestamp><mysql>2012-07-18</mysql></record_date>",
)
_RECORD_5: Final[dict[str, object]] = {
    "class": "TimeRecord",
    "url_path": "/projects/7/time-records/1",
    "is_trashed": False,
    "billable_status": 1,
    "value": 2.5,
    "record_date": 1400025600,
    "summary": 'Maß "x" \\ y',
    "user_id": 3,
    "parent_type": "Task",
    "parent_id": 12,
    "created_on": 1430164747,
    "updated_on": None,
    "job_type_id": 5,
}
_MORE_5: tuple[dict[str, object], ...] = ({}, {"value": "0.17", "summary": None}, {"is_trashed": True, "user_id": "4"})
_RELATED = b'],"related":{"Project":{"7":{"id":7,"class":"Project","name":"Site"}},"Task":[]}}'
_RECORD_3_JSON: Final[dict[str, object]] = {
    "class": "TimeRecord",
    "project": {"id": 7, "name": "Site"},
    "user_id": "3",
    "value": 1.5,
    "billable_status": 1,
    "record_date": {"class": "DateValue", "timestamp": 1342569600, "mysql": "2012-07-18"},
    "summary": "text",
    "parent_class": "Project",
    "parent_id": 7,
}


def _xml(generation: int, root: str, child: str, bodies: tuple[str, ...], *, namespace: str = "") -> Whole:
    return Whole(
        f"{generation}.xml",
        f"{_DECLARATION}<{root}{namespace}>\n  ".encode(),
        tuple(f"<{child}>{body.format(id=number)}</{child}>".encode() for number, body in enumerate(bodies, 11)),
        b"\n  ",
        f"\n</{root}>\n".encode(),
    )


def _json(name: str, head: bytes, records: tuple[dict[str, object], ...], tail: bytes) -> Whole:
    written = (json.dumps({"id": number, **each}, ensure_ascii=False) for number, each in enumerate(records, 11))
    return Whole(name, head, tuple(each.encode() for each in written), b",\n", tail)


WHOLE: Final = (
    _xml(2, "time_records", "time_record", _RECORDS_2 * 2),
    _xml(2, "time_records", "time_record", _RECORDS_2, namespace=' xmlns="http://x.example/ns"'),
    _xml(3, "tracking_objects", "tracking_object", _RECORDS_3 * 2),
    _json("5.json", b'{"time_records":[', tuple({**_RECORD_5, **more} for more in _MORE_5 * 2), _RELATED),
    _json("3.json", b"[", (_RECORD_3_JSON,) * 3, b"]\n"),
)


@cache
def corpus() -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of every document of the corpus."""
    paths = sorted(path for path in CORPUS.rglob("*") if path.suffix in {".xml", ".json"})
    return tuple((path.name, _bytes(path)) for path in paths)


def _bytes(path: Path) -> bytes:
    return path.read_bytes()
