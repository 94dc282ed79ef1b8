"""Alerts from an outcome to a mailbox: once, in order, kept while nobody takes them, and never in the way of a run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from migrator.app.config import Config
from migrator.app.configuration.model import Database, Moco, Notify
from migrator.app.notify.ways import Ways, ways_of
from migrator.app.progress import LoggedProgress
from migrator.app.secret import Secret
from migrator.app.service.alerts import Alerts
from migrator.app.wiring import Clock, Workplace, open_workplace
from migrator.core.model import SourceId
from migrator.core.outcomes import Kind, Outcome
from migrator.errors import ExitCode
from migrator.store import account, inbox
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, NewItem
from migrator.store.source import stage
from tests.support.mailbox import Mailbox, mailbox
from tests.unit.moco.servers import RawServer, answer, closed_port, hang, serving
from tests.unit.store.builders import a_reject, a_time_entry, found

START = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


@dataclass
class Scene:
    """A database, a clock that stands still until told, and who hears of it."""

    url: str
    notify: Notify
    now: datetime = START
    places: list[Workplace] = field(default_factory=list)

    def alerts(self, seconds: float = 5) -> Alerts:
        """A new life of the service; nothing is sent for longer than that."""
        config = Config(database=Database(url=self.url), moco=Moco(url="https://solar.mocoapp.com"), notify=self.notify)
        clock = Clock(wall=self.wall)
        self.places.append(open_workplace(config, LoggedProgress(), clock))
        ways = ways_of(config)
        people = {channel: replace(way, seconds=seconds) for channel, way in ways.people.items()}
        return Alerts(self.places[-1], Ways(people, ways.heartbeat and replace(ways.heartbeat, seconds=seconds)))

    def wall(self) -> float:
        return self.now.timestamp()

    @property
    def place(self) -> Workplace:
        return self.places[-1]

    def outcome(self, code: int, kind: Kind = Kind.SYNC, **more: object) -> Outcome:
        return Outcome(kind, ExitCode(code), self.now, self.now, **more)  # type: ignore[arg-type]


@contextmanager
def a_scene(url: str, **notify: object) -> Iterator[Scene]:
    scene = Scene(url, Notify(**notify))  # type: ignore[arg-type]
    try:
        yield scene
    finally:
        for place in scene.places:
            place.engine.dispose()


def by_mail(box: Mailbox | str) -> dict[str, object]:
    return {"smtp_url": Secret(box if isinstance(box, str) else box.url), "email_to": ("ops@example.com",)}


def subjects(box: Mailbox) -> list[str]:
    return [str(each.message["Subject"]).partition("] ")[2] for each in box.received]


def test_a_trouble_is_told_once_everywhere_and_so_is_its_end(database_url: str) -> None:
    with (
        mailbox() as box,
        serving(answer(200)) as hook,
        a_scene(database_url, **by_mail(box), webhook_url=Secret(hook.url)) as scene,
    ):
        alerts = scene.alerts()
        for minute, code in enumerate((0, 12, 12, 3, 0)):
            scene.now = START + timedelta(minutes=minute)
            alerts.hear(scene.outcome(code))
            alerts.deliver()
    assert subjects(box) == ["A login is refused, or a permission is missing", "The sync works again"]
    assert [each.split(b'"text"')[1][:90].count(b"[migrator main") for each in hook.seen] == [1, 1]


def test_what_cannot_be_sent_waits_over_restarts_until_it_arrives(database_url: str) -> None:
    with a_scene(database_url, **by_mail(closed_port().replace("http", "smtp"))) as scene:
        alerts = scene.alerts()
        alerts.hear(scene.outcome(6))
        alerts.deliver()
        scene.now += timedelta(minutes=30)
        alerts.hear(scene.outcome(0))
        alerts.deliver()
        with mailbox() as box:
            scene.notify = Notify(**by_mail(box))  # type: ignore[arg-type]
            again = scene.alerts()
            again.deliver()
            assert box.received == []
            scene.now += timedelta(hours=1)
            again.deliver()
            assert subjects(box) == ["The books do not balance: nothing more is written", "The sync works again"]
            again.deliver()
            scene.alerts().deliver()
            assert len(box.received) == 2


def test_one_way_that_fails_keeps_no_other_from_its_letters(database_url: str) -> None:
    with (
        mailbox() as box,
        serving(answer(500)) as hook,
        a_scene(database_url, **by_mail(box), webhook_url=Secret(hook.url)) as scene,
    ):
        alerts = scene.alerts()
        alerts.hear(scene.outcome(12))
        alerts.deliver()
        assert (len(box.received), len(hook.seen)) == (1, 1)
        scene.now += timedelta(minutes=2)
        alerts.deliver()
        assert (len(box.received), len(hook.seen)) == (1, 2)


def test_a_digest_tells_once_a_day_what_waits_with_its_hours(database_url: str) -> None:
    with mailbox() as box, a_scene(database_url, **by_mail(box)) as scene:
        alerts = scene.alerts()
        alerts.hear(scene.outcome(0, Kind.DIGEST))
        alerts.deliver()
        assert box.received == []
        with writing(scene.place.engine) as session:
            kept = found(a_time_entry(1, seconds=5_400, text="Ada <ada@example.com>"))
            stage(session, 1, [kept, a_reject(None, "a.xml:9", seconds=1_800), a_reject(7, "a.xml:12", seconds=900)])
            items = [
                NewItem(ItemKind.HELD, "UNMAPPED", "Ada is not mapped", SourceId(1)),
                NewItem(ItemKind.REJECTED, "REJECTED", "bad day", place="a.xml:9"),
                NewItem(ItemKind.REJECTED, "REJECTED", "bad day", SourceId(7), place="a.xml:12"),
                NewItem(ItemKind.HELD, "UNDONE", "taken back", SourceId(8)),
            ]
            inbox.sync_inbox(session, 1, items, START)
        for _ in range(2):
            alerts.hear(scene.outcome(0, Kind.DIGEST))
            alerts.deliver()
        assert subjects(box) == ["3 records wait for a person"]
        assert [line.split()[:3] for line in box.received[0].text.splitlines()[:2]] == [
            ["held", "1", "1.50"],
            ["rejected", "2", "0.75"],
        ]
        assert "Ada" not in box.received[0].text
        # In Berlin the next day begins at 23:00 UTC.
        scene.now = datetime.combine(date(2026, 11, 26), datetime.min.time(), UTC) + timedelta(hours=23)
        alerts.hear(scene.outcome(0, Kind.DIGEST))
        alerts.deliver()
        assert len(box.received) == 2


def test_while_the_database_cannot_be_used_people_are_told_all_the_same(ready_url: str) -> None:
    with mailbox() as box, a_scene(ready_url, **by_mail(box)) as scene:
        alerts = scene.alerts()
        path = Path(ready_url.removeprefix("sqlite:///"))
        whole = path.read_bytes()
        scene.place.engine.dispose()
        path.write_bytes(b"no database any more" * 1_000)
        for _ in range(4):
            alerts.hear(scene.outcome(10))
            alerts.deliver()
        assert subjects(box) == ["No sync succeeded 3 times in a row"]
        scene.place.engine.dispose()
        path.write_bytes(whole)
        # What was told meanwhile is remembered as soon as it can be.
        alerts.hear(scene.outcome(10))
        again = scene.alerts()
        again.hear(scene.outcome(10))
        again.hear(scene.outcome(0))
        again.deliver()
        assert subjects(box)[1:] == ["The sync works again"]


def test_a_receiver_that_hangs_holds_up_neither_the_run_nor_the_end_of_the_service(ready_url: str) -> None:
    with serving(hang) as hook, serving(hang) as switch:
        notify = {"webhook_url": Secret(hook.url), "heartbeat_url": Secret(switch.url)}
        with a_scene(ready_url, **notify) as scene:
            alerts = scene.alerts(seconds=0.6)
            alerts.start()
            began = time.monotonic()
            alerts.began(Kind.SYNC, START)
            for _ in range(50):
                alerts.ended(scene.outcome(12))
            assert time.monotonic() - began < 0.3
            _until(lambda: bool(hook.seen and switch.seen))
            alerts.close(0.2)
            assert time.monotonic() - began < 2
            # The letter is still there for the next life.
            with reading(scene.place.engine) as session:
                assert "A login is refused" in (account.fact(session, "alerts") or "")


def test_the_service_ends_only_after_what_was_heard_was_sent(ready_url: str) -> None:
    with (
        mailbox() as box,
        serving(answer(200)) as switch,
        a_scene(ready_url, **by_mail(box), heartbeat_url=Secret(switch.url)) as scene,
    ):
        alerts = scene.alerts()
        alerts.start()
        alerts.ended(scene.outcome(6))
        alerts.close(5)
        assert len(box.received) == 1
        assert len(switch.seen) == 1


def pinged(switch: RawServer) -> list[str]:
    return [each.split(b" ")[1].decode() for each in switch.seen]


def test_the_dead_mans_switch_hears_of_every_sync_how_it_ended(ready_url: str) -> None:
    with serving(answer(200)) as switch, a_scene(ready_url, heartbeat_url=Secret(f"{switch.url}/ping/1")) as scene:
        alerts = scene.alerts()
        alerts.start()
        for code in (0, 3, 7, 11, 130):
            alerts.began(Kind.SYNC, START)
            alerts.ended(scene.outcome(code))
        alerts.began(Kind.AUDIT, START)
        alerts.ended(scene.outcome(4, Kind.AUDIT))
        alerts.close(5)
    # Interrupted is no end; while another run holds the right to write, all is alive.
    ends = ["/ping/1", "/ping/1", "/ping/1/fail", "/ping/1"]
    starts = ["/ping/1/start"] * 5
    assert pinged(switch) == [each for pair in zip(starts, [*ends, ""], strict=True) for each in pair if each]


def test_what_nobody_can_read_any_more_is_begun_anew(ready_url: str) -> None:
    with mailbox() as box, a_scene(ready_url, **by_mail(box)) as scene:
        alerts = scene.alerts()
        for odd in ("{", "[]", '{"troubles": [["gate", "nap", "", "x"]]}', '{"outbox": 3}'):
            with writing(scene.place.engine) as session:
                account.learn(session, "alerts", odd, START)
            alerts.hear(scene.outcome(6))
            alerts.deliver()
        assert len(box.received) == 4


def test_nothing_is_started_where_nobody_wants_to_know(ready_url: str) -> None:
    with a_scene(ready_url) as scene:
        alerts = scene.alerts()
        alerts.start()
        alerts.began(Kind.SYNC, START)
        alerts.ended(scene.outcome(6))
        alerts.close(1)
        with reading(scene.place.engine) as session:
            assert account.fact(session, "alerts") is None


def test_the_sender_is_one_that_the_server_knows() -> None:
    def sender(**notify: object) -> str:
        mailer = next(iter(ways_of(Config(notify=Notify(email_to=("a@b.de",), **notify))).people.values()))  # type: ignore[arg-type]
        return str(getattr(mailer, "sender", ""))

    assert sender(smtp_url=Secret("smtps://me%40b.de:longword@b.de")) == "me@b.de"
    assert sender(smtp_url=Secret("smtp://localhost")) == "a@b.de"
    assert sender(smtp_url=Secret("smtp://localhost"), email_from="robot@b.de") == "robot@b.de"


def _until(true: object, seconds: float = 5) -> None:
    assert callable(true)
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)
