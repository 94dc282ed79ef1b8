"""Alerts as letters: numbers, what was not done, and the two commands that come next; nothing private."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final, assert_never

from migrator.app.secret import mask
from migrator.app.service.next_steps import next_steps
from migrator.core.alerts import Alarm, Alert, Digest, Message, Over, Waiting
from migrator.core.duration import format_hours
from migrator.core.outcomes import Kind, Outcome

_LONGEST_VERDICT: Final = 600
_ADDRESS: Final = re.compile(r"[^\s@<>\"'()]+@[^\s@<>\"'()]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def letter_of(message: Message, account: str, zone: tzinfo) -> tuple[str, str]:
    """Subject and text; `account` names the pair of accounts, `zone` is the reader's."""
    match message:
        case Alert():
            subject, lines = _alert(message, zone)
        case Over():
            subject, lines = _over(message, zone)
        case Digest():
            subject, lines = _digest(message)
        case _:
            assert_never(message)
    return f"[migrator {account}] {subject}", "\n".join(lines) + "\n"


def clean(text: str) -> str:
    """What a program said, fit for a letter: one line, not too long, without secrets and e-mail addresses."""
    line = _CONTROL.sub(" ", _ADDRESS.sub("(address)", mask(text))).strip()
    return line if len(line) <= _LONGEST_VERDICT else f"{line[: _LONGEST_VERDICT - 1]}…"


def _alert(alert: Alert, zone: tzinfo) -> tuple[str, list[str]]:
    outcome = alert.outcome
    lines = [
        f"The {outcome.kind.value}{_run(outcome)} ended at {_moment(outcome.ended_at, zone)} "
        f"with exit code {int(outcome.code)}.",
        *([f"It said: {clean(outcome.verdict)}"] if outcome.verdict else []),
        *_numbers(outcome),
        "",
        f"Not done: {_not_done(alert, zone)}",
        "",
        "Next:",
        *(f"  {command}" for command in commands(alert)),
        "",
        "You are told of this once, and once more when it works again.",
    ]
    return _subject(alert), lines


def _subject(alert: Alert) -> str:
    first, kind = alert.troubles[0], alert.outcome.kind.value
    match first.alarm:
        case Alarm.GATE:
            gates = ", ".join(each.about for each in alert.troubles)
            return f"Stopped by the safety gate {gates}: a person must act" if gates else "Stopped: a person must act"
        case Alarm.UNBALANCED:
            return "The books do not balance: nothing more is written"
        case Alarm.LOGIN:
            return "A login is refused, or a permission is missing"
        case Alarm.DIFFERENCES:
            return "The audit found differences between ActiveCollab and MOCO"
        case Alarm.OUT_OF_REACH:
            return f"No {kind} succeeded for two hours: ActiveCollab or MOCO does not answer"
        case Alarm.NO_SUCCESS:
            return f"No {kind} succeeded {alert.row.failures} times in a row"
        case other:
            assert_never(other)


def _not_done(alert: Alert, zone: tzinfo) -> str:
    outcome = alert.outcome
    if alert.troubles[0].alarm is Alarm.DIFFERENCES:
        return "nothing was changed: an audit only compares. The differences stay until somebody decides."
    if outcome.kind is Kind.AUDIT:
        return f"MOCO was not compared with ActiveCollab{_since(alert, zone)}."
    left = sum(outcome.counts.get(word, 0) for word in _LEFT)
    reached = ""
    if left:
        hours = format_hours(sum(outcome.seconds.get(word, 0) for word in _LEFT))
        reached = f"{left:,} {'record' if left == 1 else 'records'} ({hours} h) were not reached, and "
    return f"{reached}what people book and change in ActiveCollab does not arrive in MOCO{_since(alert, zone)}."


_LEFT: Final = ("pending", "unclear")


def _since(alert: Alert, zone: tzinfo) -> str:
    succeeded = alert.row.succeeded
    return f" since the last success at {_moment(succeeded, zone)}" if succeeded else ""


def commands(alert: Alert) -> tuple[str, str]:
    """The two commands that a person types next."""
    outcome = alert.outcome
    return next_steps(alert.troubles[0].alarm, [gate for gate in outcome.gates if gate], outcome.run_id)


def _over(over: Over, zone: tzinfo) -> tuple[str, list[str]]:
    told = ", ".join(_NAMES[each.alarm] + (f" {each.about}" if each.about else "") for each in over.troubles)
    outcome = over.outcome
    lines = [
        f"The {outcome.kind.value}{_run(outcome)} ended well at {_moment(outcome.ended_at, zone)}.",
        *([f"It said: {clean(outcome.verdict)}"] if outcome.verdict else []),
        *_numbers(outcome),
        "",
        f"Over: {told}; you were told at {_moment(over.since, zone)}. Nothing has to be done.",
    ]
    return f"The {outcome.kind.value} works again", lines


_NAMES: Final[Mapping[Alarm, str]] = {
    Alarm.GATE: "the safety gate",
    Alarm.UNBALANCED: "the books that did not balance",
    Alarm.LOGIN: "the login that was refused",
    Alarm.DIFFERENCES: "the differences that the audit found",
    Alarm.OUT_OF_REACH: "the outage of ActiveCollab or MOCO",
    Alarm.NO_SUCCESS: "the failures in a row",
}

KINDS: Final = ("held", "conflict", "quarantined", "rejected")
"""What waits in the inbox, in the order in which it is told."""


def _digest(digest: Digest) -> tuple[str, list[str]]:
    rows = [(kind, digest.waiting[kind]) for kind in KINDS if kind in digest.waiting]
    records = sum(each.records for _, each in rows)
    lines = [
        *(_waits(kind, each, digest.before.get(kind, 0) if digest.before else each.records) for kind, each in rows),
        "",
        "Not done: these records are not in MOCO, or not as ActiveCollab has them; all others go on.",
        "",
        "Next:",
        "  migrator inbox list",
        f"  migrator inbox list --kind {rows[0][0]}",
        "",
        "This comes once a day while something waits.",
    ]
    return f"{records:,} {'record waits' if records == 1 else 'records wait'} for a person", lines


def _waits(kind: str, each: Waiting, before: int) -> str:
    change = each.records - before
    told = f"   {change:+,} since the last digest" if change else ""
    return f"  {kind:<12} {each.records:>9,}  {format_hours(each.seconds):>12} h{told}"


def _run(outcome: Outcome) -> str:
    return f" (run {outcome.run_id})" if outcome.run_id is not None else ""


def _numbers(outcome: Outcome) -> list[str]:
    told = [
        f"{count:,} {word}" + (f" ({format_hours(outcome.seconds[word])} h)" if outcome.seconds.get(word) else "")
        for word, count in outcome.counts.items()
        if count and word != "read"
    ]
    return [f"Records: {', '.join(told)}."] if told else []


def _moment(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
