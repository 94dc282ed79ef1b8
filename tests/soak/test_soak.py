"""Two days of the service at high speed; `make soak` takes longer."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.sandbox.serve import serve
from tests.soak.days import Soak
from tests.system.door import Door

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@pytest.mark.own_database
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_two_days_of_edits_and_faults_keep_every_promise(tmp_path: Path) -> None:
    # Over the night in which clocks are changed.
    found = Soak(tmp_path, 2, "6h", 5, lambda _: None).run()
    assert found.unexplained == []
    assert found.outcomes["sync 0"] + found.outcomes["sync 3"] >= 7
    assert sum(count for name, count in found.outcomes.items() if name.startswith("audit")) >= 2
    assert found.events["faults of MOCO"] > 0


@pytest.mark.parametrize(("waits", "arrived"), [(True, ["POST /api/v1/projects/1/tasks"]), (False, [])])
def test_a_write_that_nobody_waits_for_any_more_does_not_arrive(
    waits: bool, arrived: list[str], tmp_path: Path
) -> None:
    soak, served, over = Soak(tmp_path, 1, "6h", 1, lambda _: None), threading.Event(), threading.Event()

    def late(environ: WSGIEnvironment, body: bytes) -> None:
        served.wait(5)
        try:
            soak.arrives(environ, body)
        finally:
            over.set()

    with serve(Door(soak.agency.moco, watch=late)) as moco:
        with socket.create_connection(("127.0.0.1", moco.port)) as connection:
            connection.sendall(b"POST /api/v1/projects/1/tasks HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            if waits:
                served.set()
                assert over.wait(5)
        served.set()
        assert over.wait(5)
    # A write without an intent is what there would be to see.
    assert soak.promises.unwritten == arrived
