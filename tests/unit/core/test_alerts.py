"""Of what people are told, once and when: the table of outcomes, and the laws over any story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.alerts import Alarm, Alert, Digest, Memory, Over, Trouble, Waiting, after, digest_of
from migrator.core.outcomes import Kind, Outcome
from migrator.errors import ExitCode

START = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
SYNC, AUDIT = Kind.SYNC, Kind.AUDIT

Step = tuple[int, Kind, int, str]
"""Minutes since the start, what was done, exit code, gates."""


def outcome(kind: Kind, code: int, ended: datetime, gates: str = "") -> Outcome:
    return Outcome(kind, ExitCode(code), ended - timedelta(seconds=20), ended, gates=tuple(gates.split()))


def told(story: Sequence[Step]) -> list[tuple[int, str]]:
    """What is told at which minute: the alarm, or `over` and the alarms that are."""
    memory, heard = Memory(), []
    for minute, work, code, gate in story:
        ended = START + timedelta(minutes=minute)
        memory, message = after(memory, outcome(work, code, ended, gate))
        match message:
            case Alert(troubles=troubles):
                heard.append((minute, " ".join(each.about or each.alarm.value for each in troubles)))
            case Over(troubles=troubles):
                heard.append((minute, " ".join(["over", *(each.alarm.value for each in troubles)])))
            case None:
                pass
    return heard


def syncs(*codes: int, every: int = 15) -> list[Step]:
    """Syncs that end with these codes, one every so many minutes."""
    return [(n * every, SYNC, code, "") for n, code in enumerate(codes)]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # Nothing when all is well, and records that wait for a person are well enough.
        (syncs(0, 3, 0, 3), []),
        # At once, once, and once that it is over.
        (syncs(6, 6, 6, 0, 0), [(0, "unbalanced"), (45, "over unbalanced")]),
        (syncs(12, 12, 3), [(0, "login"), (30, "over login")]),
        ([(0, SYNC, 7, "max_delete"), (15, SYNC, 7, "max_delete"), (30, SYNC, 0, "")],
         [(0, "max_delete"), (30, "over gate")]),
        # Another gate is another trouble; both are over in one message.
        ([(0, SYNC, 7, "max_delete"), (15, SYNC, 7, "max_change"), (30, SYNC, 0, "")],
         [(0, "max_delete"), (15, "max_change"), (30, "over gate gate")]),
        # Of two gates at once, only the one that nobody knows of is told.
        ([(0, SYNC, 7, "max_delete"), (15, SYNC, 7, "max_change max_delete"), (30, SYNC, 7, "max_change")],
         [(0, "max_delete"), (15, "max_change")]),
        ([(0, SYNC, 7, "max_change max_delete")], [(0, "max_change max_delete")]),
        # The same trouble again after it was over is told again.
        (syncs(12, 0, 12), [(0, "login"), (15, "over login"), (30, "login")]),
        # The other side may be gone for less than two hours.
        (syncs(5, 5, 5, 5, 5, 5, 5, 5, 0), []),
        (syncs(*[5] * 12, 0), [(120, "out_of_reach"), (180, "over out_of_reach")]),
        # A success in between begins the two hours anew; so does no run that was merely excluded or interrupted.
        (syncs(*[5] * 8, 0, *[5] * 8), []),
        (syncs(*[5] * 4, 11, 130, 8, *[5] * 2), [(120, "out_of_reach")]),
        # A schedule of one run a day needs but a second failure.
        (syncs(5, 5, every=1440), [(1440, "out_of_reach")]),
        # Three failures of other kinds; reading that failed for the network counts in the row, but is not told.
        (syncs(1, 1, 1, 1, 0), [(30, "no_success"), (60, "over no_success")]),
        (syncs(1, 1, 0, 1, 1), []),
        (syncs(1, 5, 5, 10), [(45, "no_success")]),
        (syncs(11, 11, 11, 130, 8), []),
        # Whoever knows of a gate knows that nothing succeeds; a gate is told to those who know of failures.
        ([(0, SYNC, 7, "max_delete"), *[(15 * n, SYNC, 1, "") for n in range(1, 5)]], [(0, "max_delete")]),
        ([*syncs(1, 1, 1), (45, SYNC, 7, "max_delete"), (60, SYNC, 0, "")],
         [(30, "no_success"), (45, "max_delete"), (60, "over no_success gate")]),
        # An audit's differences are told once, and only an audit ends them.
        ([(0, AUDIT, 4, ""), (15, SYNC, 0, ""), (30, AUDIT, 4, ""), (45, AUDIT, 0, "")],
         [(0, "differences"), (45, "over differences")]),
        # They keep nobody from hearing that syncs fail.
        ([(0, AUDIT, 4, ""), *[(15 * n, SYNC, 1, "") for n in range(1, 4)]], [(0, "differences"), (45, "no_success")]),
        # A login that both kinds of work are refused is one trouble; an audit that fails alone is not over by a sync.
        ([(0, SYNC, 12, ""), (1, AUDIT, 12, ""), (15, SYNC, 0, "")], [(0, "login"), (15, "over login")]),
        ([(0, AUDIT, 12, ""), (15, SYNC, 0, ""), (30, AUDIT, 12, "")], [(0, "login")]),
        # `4` of a sync is none of its ends; it is a failure like any other.
        (syncs(4, 4, 4), [(30, "no_success")]),
    ],
)  # fmt: skip
def test_people_are_told_once_of_each_trouble_and_once_that_it_is_over(
    story: Sequence[Step], expected: list[tuple[int, str]]
) -> None:
    assert told(story) == expected


def test_what_is_told_says_how_often_since_when_and_when_it_last_worked() -> None:
    memory, messages = Memory(), []
    for minute, code in ((0, 0), (15, 1), (30, 5), (45, 1)):
        memory, message = after(memory, outcome(SYNC, code, START + timedelta(minutes=minute)))
        messages.append(message)
    alert = messages[-1]
    assert isinstance(alert, Alert)
    assert alert.row.failures == 3
    assert alert.row.since == START + timedelta(minutes=15)
    assert alert.row.succeeded == START


# -- the digest ----------------------------------------------------------------------------------------------------

MONDAY = date(2026, 11, 23)
WAITING = {"held": Waiting(12, 43_200), "conflict": Waiting(1, 60)}


def test_one_digest_a_day_and_none_when_nothing_waits() -> None:
    memory, digest = digest_of(Memory(), MONDAY, {"held": Waiting(0, 0)})
    assert digest is None
    memory, digest = digest_of(memory, MONDAY, WAITING)
    assert digest == Digest(MONDAY, WAITING, {})
    memory, digest = digest_of(memory, MONDAY, WAITING)
    assert digest is None
    memory, digest = digest_of(memory, MONDAY + timedelta(days=1), {"held": Waiting(15, 50_000)})
    assert digest == Digest(MONDAY + timedelta(days=1), {"held": Waiting(15, 50_000)}, {"held": 12, "conflict": 1})
    _, digest = digest_of(memory, MONDAY + timedelta(days=2), {})
    assert digest is None


# -- laws ----------------------------------------------------------------------------------------------------------

steps = st.tuples(
    st.integers(1, 200),
    st.sampled_from(Kind),
    st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 130]),
    st.sampled_from(["", "max_delete", "max_change", "max_change max_delete"]),
)


@settings(max_examples=60)
@given(st.lists(steps, max_size=30))
def test_whatever_happens_the_same_trouble_is_told_once_and_its_end_once(story: list[Step]) -> None:
    memory, known, now = Memory(), set[Trouble](), START
    for pause, kind, code, gates in story:
        now += timedelta(minutes=pause)
        memory, message = after(memory, outcome(kind, code, now, gates))
        match message:
            case Alert(troubles=troubles):
                assert code not in {0, 3, 8, 11, 130}
                assert not known & set(troubles)
                known |= set(troubles)
            case Over(troubles=troubles):
                assert code in {0, 3}
                assert set(troubles) == {each for each in known if each.work is kind} != set()
                known -= set(troubles)
            case None:
                # Nothing that needs a person at once, and no end of what was told, passes in silence.
                if kind is not Kind.DIGEST and code == 6:
                    assert Trouble(Alarm.UNBALANCED, kind) in known
                if kind is not Kind.DIGEST and code == 7:
                    assert {Trouble(Alarm.GATE, kind, gate) for gate in gates.split() or [""]} <= known
                assert code not in {0, 3} or not any(each.work is kind for each in known)
        assert set(memory.troubles) == known
    for kind in Kind:
        memory, _ = after(memory, outcome(kind, 0, now))
    assert not memory.troubles
