"""The figures of /metrics: what each is called, what it means, and where it stands in the database.

No label holds an id, a name or a host. Everything but `migrator_up` and `migrator_here` is the same for all processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from migrator import __version__
from migrator.app.deciding import invoiced_in, marked_in
from migrator.app.service.standing import Standing, State, standing_of
from migrator.app.wiring import Workplace
from migrator.core.outcomes import Kind
from migrator.store import billing, hook_marks, outcomes, run_figures
from migrator.store.engine import reading
from migrator.store.inbox import ItemKind
from migrator.store.runs import SavedRun

SECONDS_AN_HOUR: Final = 3600


class Figures:
    """All figures as they are now; read once, before the registry asks."""

    def __init__(self, place: Workplace) -> None:
        with reading(place.engine) as session:
            self._families = list(_families(session, place))

    def collect(self) -> Iterable[Metric]:
        """What prometheus_client asks for."""
        return self._families


def collect(registry: CollectorRegistry, place: Workplace) -> None:
    """Put all figures into a registry; raises what an unreachable database raises."""
    registry.register(Figures(place))


def _families(session: Session, place: Workplace) -> Iterable[Metric]:
    standing = standing_of(session, place)
    yield _gauge("up", "1 while the database can be read.", 1)
    yield _labelled("build_info", "The version of the program.", "version", {__version__: 1})
    yield from _of_state(standing)
    yield from _of_runs(session, standing)
    yield from _of_records(session, place, standing)
    yield from _of_requests(session, place)


def _of_state(standing: Standing) -> Iterable[Metric]:
    states = {state.value: float(state is standing.state) for state in State}
    yield _labelled("state", "1 for the state that holds.", "state", states)
    yield _gauge("ready", "1 while /readyz says yes.", standing.ready)
    yield _gauge("paused", "1 while the schedule is paused.", standing.wishes.paused_since is not None)
    yield _gauge("here", "1 while this process follows the schedule, 0 while it stands by.", standing.here)
    held = {"write": standing.running, "serve": standing.serving}
    leases = {right: float(holder is not None) for right, holder in held.items()}
    yield _labelled(
        "lease_held", "1 while a process holds the right to write, to follow the schedule.", "right", leases
    )
    if standing.next_run is not None:
        yield _gauge("next_run_timestamp_seconds", "When a sync is due.", standing.next_run.timestamp())
        late = max(0.0, (standing.at - standing.next_run).total_seconds())
        yield _gauge("schedule_lag_seconds", "For how long a sync has been due that has not begun.", late)
    yield _gauge("missed_times", "Scheduled times in a row without a success.", standing.missed)
    yield _gauge("failures_in_a_row", "Scheduled syncs in a row without a success.", standing.failures)


def _of_runs(session: Session, standing: Standing) -> Iterable[Metric]:
    runs = CounterMetricFamily("migrator_runs", "Runs that ended by kind and exit code.", labels=("kind", "exit_code"))
    # A counter never falls, so what goes on stands apart until it has ended.
    unfinished: dict[str, float] = {}
    for each in run_figures.count_runs(session):
        if each.exit_code is None:
            unfinished[each.kind] = each.runs
        else:
            runs.add_metric((each.kind, str(each.exit_code)), each.runs)
    yield runs
    yield _labelled("runs_unfinished", "Runs that go on, or were killed.", "kind", unfinished)
    success = standing.last_success
    if success is not None and success.ended_at is not None:
        yield _gauge(
            "last_success_timestamp_seconds", "When a sync or apply last succeeded.", success.ended_at.timestamp()
        )
        took = success.ended_at - success.started_at
        yield _gauge("last_success_duration_seconds", "How long that run took.", took.total_seconds())
    durations, codes, ends = {}, {}, {}
    for kind in Kind:
        # Not the newest: while that goes on nobody would hear how the one before ended.
        last = outcomes.last_ended(session, kind.value)
        if last is not None and last.ended_at is not None and last.exit_code is not None:
            durations[kind.value] = (last.ended_at - last.started_at).total_seconds()
            codes[kind.value] = float(last.exit_code)
            ends[kind.value] = last.ended_at.timestamp()
    yield _labelled("last_duration_seconds", "How long the last scheduled work took.", "kind", durations)
    yield _labelled("last_exit_code", "How the last scheduled work ended.", "kind", codes)
    yield _labelled("last_end_timestamp_seconds", "When the last scheduled work ended.", "kind", ends)


def _of_records(session: Session, place: Workplace, standing: Standing) -> Iterable[Metric]:
    success = standing.last_success
    yield from _of_words(success)
    waiting = {kind.value: float(standing.waiting.get(kind, 0)) for kind in ItemKind}
    yield _labelled("inbox_open", "What waits for a person.", "kind", waiting)
    still_open = billing.open_invoices(session, marked_in(place.config) or invoiced_in(place.config)).whole
    yield _gauge("invoiced_open_records", "Invoiced in ActiveCollab, still open in MOCO.", still_open.records)
    yield _gauge("invoiced_open_hours", "The hours of those.", still_open.seconds / SECONDS_AN_HOUR)
    oldest = run_figures.oldest_waiting(session, success.id if success else 0)
    age = max(0.0, (standing.at - oldest).total_seconds()) if oldest else 0.0
    yield _gauge("oldest_unsynced_age_seconds", "For how long the oldest unsynced record has been known.", age)
    heard = CounterMetricFamily("migrator_web_hooks", "Deliveries of MOCO's web hooks by their end.", labels=("end",))
    for word, count in hook_marks.counts(session).items():
        heard.add_metric((word,), count.events)
    yield heard
    yield _gauge("web_hooks_waiting", "Told by a web hook, not looked into yet.", hook_marks.count_marks(session))


def _of_words(run: SavedRun | None) -> Iterable[Metric]:
    """The books of the last good run."""
    counts: Mapping[str, float] = json.loads(run.counts) if run else {}
    seconds: Mapping[str, float] = json.loads(run.seconds) if run else {}
    hours = {word: value / SECONDS_AN_HOUR for word, value in seconds.items()}
    yield _labelled("records", "Records by the word they ended in, in the last good run.", "word", counts)
    yield _labelled("hours", "The hours of those.", "word", hours)


def _of_requests(session: Session, place: Workplace) -> Iterable[Metric]:
    sent = CounterMetricFamily("migrator_requests", "Requests to MOCO of all ended runs.", labels=("method",))
    told = run_figures.sum_answers(session)
    for method, count in run_figures.by_method(told).items():
        sent.add_metric((method,), count)
    yield sent
    answers = CounterMetricFamily(
        "migrator_answers", "Requests to MOCO of all ended runs by the answer's status.", labels=("status",)
    )
    for status, count in run_figures.by_status(told).items():
        answers.add_metric((status,), count)
    yield answers
    moco = place.config.moco
    used = run_figures.requests_in_window(session, moco.window_seconds)
    yield _gauge("window_used", "Requests that count in MOCO's window now.", used)
    yield _gauge("window_limit", "Requests that MOCO's window allows.", moco.requests_per_window)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"migrator_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"migrator_{name}", text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
