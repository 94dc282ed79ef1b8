"""The service as a process: on schedule, stopped, killed, locked out, left alone by everything it depends on."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from migrator.sandbox.faults import AnswerInstead, Hang
from tests.support.postgres import OwnServer, own_server
from tests.system.databases import absolute, ask
from tests.system.door import At, Moment
from tests.system.export import PROJECTS, Record, some_records
from tests.system.harness import World
from tests.system.serving import Served, controls, serving


def world_of(folder: Path, many: int = 6, **settings: object) -> World:
    settings.setdefault("schedule__every", "1s")
    return World(folder, some_records(many), complete=True, projects=PROJECTS, **settings)


def arrived(world: World) -> bool:
    return world.stored() == world.wanted()


def written(folder: Path, statement: str) -> int:
    """How many rows a statement changed in the product's database."""
    engine = sqlalchemy.create_engine(absolute(folder), poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        return connection.execute(sqlalchemy.text(statement)).rowcount


def test_it_syncs_on_schedule_tells_how_that_goes_and_ends_with_0(tmp_path: Path) -> None:
    with world_of(tmp_path) as world, serving(world) as served:
        assert served.ask("/healthz")[0] == 200
        served.until(served.ready, "the first success")
        assert arrived(world)
        world.records[951] = Record(951, text="later")
        world.write_export()
        served.until(lambda: arrived(world), "the next time")
        assert "migrator_here 1.0" in served.ask("/metrics")[1]
        # Whoever comes second says what is in the way.
        taken = world.run("serve", "--port", served.url.rpartition(":")[2])
        assert (taken.code, "cannot listen on 127.0.0.1" in taken.message) == (2, True)
        began = time.monotonic()
        ended = served.end()
        assert (ended.code, time.monotonic() - began < 5) == (0, True)
        told = [json.loads(line) for line in ended.err.splitlines()]
        assert told[-1]["event"] == "service_stopped"
        runs = [each for each in told if each["event"] == "phase_ended"]
        assert all(each["run"] and each["job"] == "sync" for each in runs)
        assert len({each["run"] for each in runs}) > 2


def test_paused_it_waits_until_a_person_asks(tmp_path: Path) -> None:
    with world_of(tmp_path) as world:
        assert world.run("read").code == 0
        with controls(world) as buttons:
            buttons.pause()
            with serving(world) as served:
                served.until(lambda: "paused" in served.ask("/readyz")[1], "paused")
                time.sleep(1.5)
                assert world.moco.activities == []
                buttons.sync_now()
                served.until(served.ready, "asked")
                assert arrived(world)
                world.records[951] = Record(951, text="later")
                world.write_export()
                buttons.resume()
                served.until(lambda: arrived(world), "resumed")


@pytest.mark.parametrize("timeout", [1.0, 30.0])
def test_stopped_while_moco_says_nothing_it_ends_in_time_and_nothing_is_doubled(tmp_path: Path, timeout: float) -> None:
    with world_of(tmp_path, moco__timeout_seconds=timeout) as world:
        world.moco.fault(Hang(applied=True), method="POST", path="/activities/bulk")
        with serving(world) as served:
            served.until(world.bulks, "the request")
            began = time.monotonic()
            ended = served.end()
            assert time.monotonic() - began < 10
            last = "service_stopped" if timeout < 8 else "service_abandoned"
            assert (ended.code, json.loads(ended.err.splitlines()[-1])["event"]) == (0, last)
        world.configure(moco__timeout_seconds=1.0)
        assert world.run_to_the_end("sync").code == 0
        assert arrived(world)


def test_killed_while_it_writes_it_goes_on_at_once_and_nothing_is_doubled(tmp_path: Path) -> None:
    with world_of(tmp_path, 12, schedule__every="1h") as world:
        with serving(world) as served:
            world.door.expect(At(2, Moment.APPLIED), lambda: served.process.send_signal(signal.SIGKILL))
            assert served.end(None).code == -signal.SIGKILL
        with serving(world) as served:
            served.until(served.ready, "the rest")
            assert arrived(world)


def test_another_stands_by_and_takes_over(tmp_path: Path) -> None:
    with world_of(tmp_path) as world, serving(world) as first:
        first.until(first.ready, "the first success")
        with serving(world) as second:
            second.until(lambda: "standing_by" in second.ask("/metrics")[1], "standing by")
            second.until(lambda: "migrator_here 0.0" in second.ask("/metrics")[1], "says so")
            assert (first.ready(), second.ready()) == (True, True)
            assert second.events("work_ended") == []
            assert world.run("status").document["service"]["process"] == first.process.pid
            first.end(signal.SIGKILL)
            world.records[951] = Record(951, text="later")
            world.write_export()
            second.until(lambda: arrived(world), "took over")
            assert second.end().code == 0


def test_a_manual_run_and_the_schedule_exclude_each_other(tmp_path: Path) -> None:
    with world_of(tmp_path, moco__timeout_seconds=3.0) as world, serving(world) as served:
        served.until(served.ready, "the first success")
        world.moco.fault(Hang(applied=False), method="GET", path="/projects.*")
        served.until(lambda: not world.moco.faults, "the schedule's request hangs")
        locked = world.run("sync")
        assert locked.code == 11
        assert locked.message.startswith("`serve` is working since ")
        served.until(lambda: len(served.events("work_ended")) >= 2, "went on")
        # And the other way round.
        world.door.expect(At(1, Moment.ARRIVING, writes_only=True), lambda: time.sleep(2))
        world.records[951] = Record(951, text="by hand")
        with controls(world) as buttons:
            buttons.pause()
            served.until(lambda: "paused" in served.ask("/readyz")[1], "paused")
            world.write_export()
            manual = world.start("sync")
            buttons.resume()
            served.until(lambda: served.events("work_skipped"), "skipped")
            assert world.finished(manual).code == 0
        assert served.events("work_skipped")[0]["running"] == "sync"
        many = len(served.events("work_ended"))
        served.until(lambda: len(served.events("work_ended")) > many, "came back")
        assert arrived(world)
        assert [each for each in ask(tmp_path, "SELECT exit_code FROM outcomes") if each == (11,)] == []


def test_moco_out_of_reach_is_waited_for(tmp_path: Path) -> None:
    with world_of(tmp_path, moco__timeout_seconds=0.5) as world, serving(world) as served:
        served.until(served.ready, "the first success")
        world.hang_up()
        served.until(lambda: not served.ready(), "three times without a success")
        assert "scheduled times in a row" in served.reason()
        world.pick_up()
        served.until(served.ready, "back")
        assert served.ask("/healthz")[0] == 200


def test_a_refused_login_is_told_and_retried_slowly(tmp_path: Path) -> None:
    with world_of(tmp_path) as world, serving(world) as served:
        served.until(served.ready, "the first success")
        world.moco.fault(AnswerInstead(401), times=None)
        served.until(lambda: not served.ready(), "refused")
        assert "login" in served.reason()
        world.forget_requests()
        time.sleep(1.5)
        assert world.moco.requests == []
        world.moco.faults.clear()
        with controls(world) as buttons:
            buttons.sync_now()
        served.until(served.ready, "a person asked after mending it")
        assert served.end(signal.SIGINT).code == 0


def test_what_cannot_work_ends_at_once(tmp_path: Path) -> None:
    with world_of(tmp_path) as world:
        for wrong in ({"moco__api_key": ""}, {"schedule__cron": "often", "schedule__every": ""}):
            before = dict(world.settings)
            world.configure(**wrong)
            assert world.run("serve", "--port", "0").code == 2, wrong
            world.settings = before
        world.configure()
        assert world.run("read").code == 0
        assert written(tmp_path, "UPDATE alembic_version SET version_num = '0007'") == 1
        ended = world.run("serve", "--port", "0")
        assert (ended.code, "db upgrade" in ended.stderr) == (10, True)


def test_stopped_before_it_has_read_its_configuration_it_ends_with_0_too(tmp_path: Path) -> None:
    with world_of(tmp_path) as world:
        os.mkfifo(tmp_path / "key")
        world.configure(moco__api_key="", moco__api_key_file=str(tmp_path / "key"))
        process = world.start("serve", "--port", "0")
        # Opened as soon as it reads there, and never written to.
        with (tmp_path / "key").open("w"):
            process.send_signal(signal.SIGTERM)
            assert world.finished(process).code == 0


@pytest.mark.own_database
def test_a_postgresql_that_goes_away_is_waited_for_from_the_beginning(tmp_path: Path) -> None:
    with own_server() as server:
        if server is None:
            pytest.skip("NO POSTGRESQL: install postgresql, or install the development group")
        server.stop()
        with world_of(tmp_path, database__url=server.url) as world, serving(world) as served:
            assert served.ask("/healthz")[0] == 200
            assert served.reason() == "the database has not been reached yet"
            with serving(world) as other:
                assert other.end().code == 0
            server.start()
            served.until(served.ready, "the first success")
            assert arrived(world)
            # The lock also stands in the way of the loop, which waits for it.
            with psycopg.connect(server.url) as other:
                other.execute("LOCK TABLE outcomes IN ACCESS EXCLUSIVE MODE")
                assert served.reason() == "the database cannot be reached"
            outlives_restarts(server, world, served)
            assert served.end().code == 0


def outlives_restarts(server: OwnServer, world: World, served: Served) -> None:
    """Between two syncs, and in the middle of one: while it writes."""
    stopped = threading.Event()

    def stop() -> None:
        server.stop()
        stopped.set()

    for number in (951, 952):
        world.records[number] = Record(number, text=f"later {number}")
        stopped.clear()
        if number == 952:
            world.door.expect(At(1, Moment.APPLIED), stop)
        else:
            stop()
            assert served.ask("/healthz")[0] == 200
            assert served.reason() == "the database cannot be reached"
            assert "migrator_up 0.0" in served.ask("/metrics")[1]
        world.write_export()
        # Not before it is really gone, or it would be started twice.
        served.until(stopped.is_set, "the write")
        server.start()
        served.until(lambda: served.ready() and arrived(world), f"back for {number}")
