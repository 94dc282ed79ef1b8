"""Writes an export of ActiveCollab 2 for measuring: time records of thirty fields, as long as real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

FIELDS = 30

_SEED = 7
_BEGIN = datetime(2011, 3, 1)  # noqa: DTZ001 - ActiveCollab writes times without a zone
_WORDS = (
    *("Abstimmung", "Angebot", "Änderung", "Überprüfung", "Größe", "Maße", "Konzept", "Entwurf", "Korrektur"),
    *("Telefonat", "Rückfrage", "Test", "Umbau", "Auslieferung", "naïve", "café", "日本", "🙂", "&", "<intern>"),
    *(">", "100%", '"Zitat"', "it's"),
)
_HOURS = ("0.25", "0.5", "0.75", "1", "1.5", "2", "3.25", "8", "0,33")


def write_records(path: Path, records: int) -> None:
    """Write so many records into `path`; the same ones each time."""
    dice = random.Random(_SEED)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<time_records>\n')
        for number in range(1, records + 1):
            file.write("  <time_record>\n")
            file.writelines(f"    <{name}>{text}</{name}>\n" for name, text in _fields(dice, number))
            file.write("  </time_record>\n")
        file.write("</time_records>\n")


def _fields(dice: random.Random, number: int) -> Iterator[tuple[str, str]]:
    person, project, ticket = dice.randrange(1, 90), dice.randrange(1, 500), dice.randrange(1, 8_000)
    worked = _BEGIN + timedelta(minutes=dice.randrange(13 * 365 * 24 * 60))
    title, body = _words(dice, 3, 12), escape(_words(dice, 5, 35))
    status = dice.randrange(4)
    yield "id", str(number)
    yield "type", _cdata("TimeRecord")
    yield "name", _cdata(title)
    yield "body", _cdata(f"<p>{body}</p><ul><li>{escape(title)}</li></ul>")
    yield "state", "3"
    yield "visibility", str(int(dice.random() > 0.05))
    yield "created_on", f"{worked + timedelta(hours=2)}"
    yield "created_by_id", str(person)
    yield "created_by_name", escape(f"Jörg Müller-{person}")
    yield "created_by_email", f"user{person}@agency.example"
    yield "updated_on", f"{worked + timedelta(days=dice.randrange(9))}"
    yield "updated_by_id", str(person)
    yield "version", str(dice.randrange(1, 5))
    yield "permalink", f"https://ac.agency.example/projects/{project}/time/{number}"
    yield "project_id", str(project)
    yield "project_name", _cdata(f"Projekt Ö {project}")
    yield "parent_id", str(ticket)
    yield "parent_type", _cdata("Ticket")
    yield "parent_name", _cdata(f"Ticket {ticket}")
    yield "milestone_id", str(project % 50)
    yield "billable_status", str(status)
    yield "value", dice.choice(_HOURS)
    yield "record_date", f"{worked:%Y-%m-%d}"
    yield "is_billable", str(int(status > 0))
    yield "is_billed", str(int(status == 3))
    yield "user_id", str(person)
    yield "user_name", escape(f"Jörg Müller-{person}")
    yield "user_email", f"user{person}@agency.example"
    yield "tags", escape(_words(dice, 0, 3))
    yield "comments_count", str(dice.randrange(5))


def _words(dice: random.Random, least: int, most: int) -> str:
    return " ".join(dice.choices(_WORDS, k=dice.randrange(least, most)))


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
