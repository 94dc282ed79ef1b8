from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sqlalchemy import Engine, text

from migrator.errors import LockedByAnotherRun
from migrator.store.engine import now, writing
from migrator.store.lease import (
    acquire,
    check,
    holder,
    last_epoch,
    outdate,
    process_is_alive,
    process_started,
    release,
    renew,
)


def alive(_pid: int, _started: str) -> bool:
    return True


def dead(_pid: int, _started: str) -> bool:
    return False


def taken(engine: Engine, host: str = "here", pid: int = 1, ttl: float = 60) -> int:
    with writing(engine) as session:
        return acquire(session, host, pid, "100", "migrator apply", ttl=ttl, is_alive=alive)


def expire(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(text("UPDATE lease SET expires_at = :then"), {"then": now(session) - 0.001})


def test_a_second_run_is_told_who_works(engine: Engine) -> None:
    taken(engine, host="alpha", pid=4711)
    with pytest.raises(LockedByAnotherRun, match=r"migrator apply.*4711.*alpha"):
        taken(engine, host="beta")


def test_a_lease_given_back_is_free_and_epochs_rise(engine: Engine) -> None:
    first = taken(engine)
    with writing(engine) as session:
        release(session, first)
        assert holder(session) is None
    assert taken(engine, host="beta") > first


def test_an_expired_lease_is_taken_over_and_its_holder_finds_out(engine: Engine) -> None:
    first = taken(engine, host="alpha")
    expire(engine)
    second = taken(engine, host="beta")
    assert second > first
    for use in (check, renew):
        with pytest.raises(LockedByAnotherRun, match="beta"), writing(engine) as session:
            use(session, first)
    with writing(engine) as session:
        release(session, first)
        check(session, second)


def test_an_expired_lease_that_nobody_took_is_still_its_holders(engine: Engine) -> None:
    epoch = taken(engine)
    expire(engine)
    with writing(engine) as session:
        check(session, epoch)
        assert holder(session) is None
        renew(session, epoch)
        assert holder(session) is not None


def test_a_lease_that_was_taken_and_given_back_by_another_is_lost(engine: Engine) -> None:
    first = taken(engine)
    expire(engine)
    second = taken(engine)
    with writing(engine) as session:
        release(session, second)
    with pytest.raises(LockedByAnotherRun, match="has ended"), writing(engine) as session:
        check(session, first)


def test_renewing_moves_the_end(engine: Engine) -> None:
    epoch = taken(engine, ttl=1)
    with writing(engine) as session:
        renew(session, epoch, ttl=1000)
        found = holder(session)
        assert found is not None
        assert 990 < found.expires_at - now(session) <= 1000


def test_a_dead_process_of_this_host_loses_its_lease_at_once(engine: Engine) -> None:
    taken(engine, host="here")
    with writing(engine) as session:
        assert acquire(session, "here", 2, "200", "migrator sync", is_alive=dead) == 2


def test_of_another_host_nobody_knows_whether_a_process_is_dead(engine: Engine) -> None:
    taken(engine, host="there")
    with pytest.raises(LockedByAnotherRun), writing(engine) as session:
        acquire(session, "here", 2, "200", "migrator sync", is_alive=dead)


def test_after_a_restore_no_old_epoch_is_valid(engine: Engine) -> None:
    epoch = taken(engine)
    with writing(engine) as session:
        assert last_epoch(session) == epoch
        outdate(session, epoch + 5)
    assert taken(engine) == epoch + 6


def test_this_process_is_alive_and_an_ended_one_is_not() -> None:
    assert process_is_alive(os.getpid(), process_started(os.getpid()))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    started = process_started(ended.pid)
    ended.wait()
    assert not process_is_alive(ended.pid, started)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells when a process started")
def test_a_number_that_another_process_got_since_does_not_count() -> None:
    assert not process_is_alive(os.getpid(), "1")
