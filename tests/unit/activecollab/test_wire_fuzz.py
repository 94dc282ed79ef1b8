"""The law of a list over HTTP: whatever happened to its bytes, it is not called complete while a record is missing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings

from migrator.activecollab.client import Client, Generation
from migrator.core.model import Project, SourceId, TimeEntry
from tests.fuzz.laws import Damaged, damaged, encoded
from tests.unit.activecollab.reading import TODAY, sort
from tests.unit.activecollab.speaking import client
from tests.unit.moco.servers import RawServer

SPOKEN = {"2.xml": Generation.TWO, "3.xml": Generation.THREE, "5.json": Generation.FIVE}
SITE = Project(SourceId(7), "Site")


@dataclass
class Answering:
    """A server that answers everything with `body`, and a client of it for each generation."""

    clients: dict[str, Client] = field(default_factory=dict)
    body: bytes = b""

    def talk(self, connection: socket.socket) -> None:
        # Of 5.x the hardest kind of list: one without pages that does not tell how many there are.
        head = f"HTTP/1.1 200 OK\r\nX-Angie-PaginationPage: 0\r\nContent-Length: {len(self.body)}\r\n\r\n"
        connection.sendall(head.encode() + self.body)


@pytest.fixture(scope="module")
def answering() -> Iterator[Answering]:
    state = Answering()
    server = RawServer((state.talk,))
    state.clients |= {name: client(server.url, spoken, today=TODAY) for name, spoken in SPOKEN.items()}
    yield state
    server.close()


@given(damaged().filter(lambda case: case.name in SPOKEN))
@settings(max_examples=150)
def test_a_damaged_list_that_is_called_complete_misses_nothing(answering: Answering, case: Damaged) -> None:
    _check(answering, case)


@given(encoded().filter(lambda case: case.name in SPOKEN))
@settings(max_examples=50)
def test_a_list_in_another_encoding_that_is_called_complete_misses_nothing(answering: Answering, case: Damaged) -> None:
    _check(answering, case)


def _check(answering: Answering, case: Damaged) -> None:
    answering.body = case.document
    listing = answering.clients[case.name].list_time(SITE)
    got = sort(list(listing))
    assert not got.problems, "a problem of a document belongs into the verdict of the list"
    if not listing.problem:
        told = {_comparable(case, entry) for entry in got.entries}
        rejected = {reject.source_id for reject in got.rejected}
        assert all(_comparable(case, entry) in told or entry.id in rejected for entry in case.untouched)


def _comparable(case: Damaged, entry: TimeEntry) -> TimeEntry:
    # Only the client knows the site that the paths of 5.x are completed with.
    return replace(entry, permalink="", text="" if case.spelling else entry.text)
