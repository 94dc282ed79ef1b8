"""Registers our web hooks in MOCO, each once, and takes exactly those away again.

What finds a web hook again is its target, event and address: after a lost answer MOCO is asked for the list, and what
is there is adopted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, Intended, wait_until_settled
from migrator.app.hooks.ours import WANTED, OurHook, address_of, as_ours, forget, our_hooks, remember
from migrator.app.hooks.paused import PausedHook, Pauser
from migrator.app.hooks.switching import TRIES, switch
from migrator.core.model import MocoId
from migrator.errors import LoginRefused, UsageError
from migrator.moco.answers import WebHook, read_web_hook
from migrator.moco.call import Answer, Call
from migrator.moco.calls import web_hooks
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.store import intents
from migrator.store.engine import reading, writing
from migrator.store.intents import NewIntent, OpenIntent, Outcome

ADD, REMOVE = "hook_add", "hook_remove"
"""The names under which intents of this module are kept."""


@dataclass(slots=True)
class InstallReport:
    """What became of our web hooks; `left` are those that could not be changed, by name, each with the reason."""

    installed: list[OurHook] = field(default_factory=list)
    found: list[OurHook] = field(default_factory=list)
    enabled: list[OurHook] = field(default_factory=list)
    removed: list[OurHook] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Ids by what became of them."""
        names = ("installed", "found", "enabled", "removed")
        done = {name: [hook.id for hook in getattr(self, name)] for name in names}
        return {**done, "left": [{"hook": name, "reason": why} for name, why in self.left]}

    @property
    def sentences(self) -> list[str]:
        """The same for people."""
        told = (
            (self.installed, "installed"),
            (self.found, "there already"),
            (self.enabled, "active again"),
            (self.removed, "removed"),
        )
        lines = [f"{word}: {', '.join(map(str, hooks))}." for hooks, word in told if hooks]
        return [*lines, *(f"Web hook {name} is left: {why}." for name, why in self.left)]


def install(carrier: Carrier, url: str) -> InstallReport:
    """Have MOCO tell of activities and projects at `url`; what is there already is adopted, and switched on again.

    Raises `UsageError` while web hooks of ours point elsewhere, `LoginRefused` where the key may not manage them.
    """
    listed = carrier.writer.list_web_hooks()
    address, there = address_of(url), {hook.id for hook in listed}
    with reading(carrier.place.engine) as session:
        elsewhere = [each for each in our_hooks(session) if each.address != address and each.id in there]
    if elsewhere:
        raise UsageError(
            f"{len(elsewhere)} web hooks of ours point to another address, at {elsewhere[0].host}",
            hint="take them away first: `migrator hooks remove`",
        )
    report = InstallReport()
    for target, event in WANTED:
        present = [each for each in listed if _is(each, target, event, address)]
        if present:
            _adopt(carrier, present, report)
            continue
        made = _tried(partial(_add, carrier, target, event, url))
        if isinstance(made, str):
            report.left.append((f"{target} {event}", made))
        else:
            report.installed.append(made)
    return report


def remove(carrier: Carrier) -> InstallReport:
    """Delete the web hooks that we installed; one whose address somebody changed is no longer ours and stays."""
    listed = carrier.writer.list_web_hooks()
    with reading(carrier.place.engine) as session:
        known = our_hooks(session)
    addresses = {each.address for each in known}
    mine = [as_ours(each) for each in listed if address_of(each.url) in addresses]
    mine = [each for each in mine if (each.target, each.event) in WANTED]
    report = InstallReport()
    for hook in mine:
        why = _tried(partial(_remove, carrier, hook))
        if isinstance(why, str):
            report.left.append((str(hook), why))
        else:
            report.removed.append(hook)
    strange = {each.id for each in listed} - {each.id for each in mine}
    for hook in known:
        if hook.id in strange:
            report.left.append((str(hook), "somebody changed its address"))
    with writing(carrier.place.engine) as session:
        done = {each.id for each in known} - {each.id for each in mine}
        forget(session, done, carrier.place.clock.now())
    return report


def recover_installs(carrier: Carrier, left_open: Sequence[OpenIntent]) -> None:
    """Close the intents of a killed run by what MOCO shows; their requests can no longer take effect."""
    mine = [each for each in left_open if each.write in {ADD, REMOVE}]
    if not mine:
        return
    for each in mine:
        wait_until_settled(carrier, each.id)
    try:
        listed = carrier.writer.list_web_hooks()
    except (LoginRefused, AnswerError) as error:
        carrier.place.progress.note(f"web hooks cannot be looked at: {error.message}")
        return
    for each in mine:
        told = json.loads(each.payload)
        if each.write == ADD:
            _close_found(
                carrier, each.id, [x for x in listed if _is(x, told["target"], told["event"], told["address"])]
            )
        else:
            _close_removed(carrier, each.id, MocoId(told["id"]), listed)


# -- one hook ------------------------------------------------------------------------------------------------------


def _is(hook: WebHook, target: str, event: str, address: str) -> bool:
    return (hook.target, hook.event, address_of(hook.url)) == (target, event, address)


def _adopt(carrier: Carrier, present: Sequence[WebHook], report: InstallReport) -> None:
    ours = [as_ours(each) for each in present]
    with writing(carrier.place.engine) as session:
        remember(session, ours, carrier.place.clock.now())
    if any(each.active for each in present):
        report.found += ours
        return
    first = ours[0]
    why = switch(carrier, PausedHook(first.id, first.target, first.event, Pauser.PERSON), active=True)
    if why:
        report.left.append((str(first), why))
    else:
        report.enabled.append(first)


def _tried(once: Callable[[], OurHook | str]) -> OurHook | str:
    """Try a few times, each of which is proved to have done nothing before the next; gives what came, or why not."""
    why: OurHook | str = ""
    for _ in range(TRIES):
        why = once()
        if not isinstance(why, str):
            return why
    return why


def _add(carrier: Carrier, target: str, event: str, url: str) -> OurHook | str:
    """One request to create a hook: the hook, or why there is none."""
    address, host = address_of(url), urlsplit(url).hostname or ""
    call = web_hooks.create(target=target, event=event, hook=url)
    payload = {"target": target, "event": event, "address": address, "host": host}
    intended, outcome = _sent(carrier, ADD, f"{target} {event} {address}", payload, call)
    match outcome:
        case Answered(body=body) if (hook := _shown(body)) and _is(hook, target, event, address):
            return _close_found(carrier, intended.ids[0], [hook], Outcome.ANSWERED) or "it was settled by another run"
        case NotSent() | Refused():
            return _nothing_done(carrier, intended, outcome)
        case Answered() | Unclear():
            wait_until_settled(carrier, intended.ids[0])
            listed = carrier.writer.list_web_hooks()
            found = _close_found(
                carrier, intended.ids[0], [each for each in listed if _is(each, target, event, address)]
            )
            return found or "MOCO gave no usable answer"


def _remove(carrier: Carrier, hook: OurHook) -> OurHook | str:
    """One request to delete a hook: the hook, or why it is still there."""
    intended, outcome = _sent(carrier, REMOVE, str(hook.id), {"id": hook.id}, web_hooks.delete(hook.id))
    match outcome:
        case Answered():
            _close_removed(carrier, intended.ids[0], hook.id, (), Outcome.ANSWERED)
            return hook
        case Refused(status=404):
            _close_removed(carrier, intended.ids[0], hook.id, ())
            return hook
        case NotSent() | Refused():
            return _nothing_done(carrier, intended, outcome)
        case Unclear():
            wait_until_settled(carrier, intended.ids[0])
            gone = _close_removed(carrier, intended.ids[0], hook.id, carrier.writer.list_web_hooks())
            return hook if gone else "MOCO gave no usable answer"


def _sent(
    carrier: Carrier, write: str, key: str, payload: Mapping[str, object], call: Call[Answer]
) -> tuple[Intended, WriteOutcome]:
    """Send a request once, behind its committed intent; its address stands in no intent."""
    permit = carrier.permission()
    row = NewIntent(carrier.run_id, carrier.new_batch(), write, json.dumps(dict(payload)), natural_key=key)
    try:
        intended = carrier.intend([row])
    except BaseException:
        carrier.window.free(permit)
        raise
    return intended, carrier.writer.send(call, permit, intended.committed_at)


def _nothing_done(carrier: Carrier, intended: Intended, outcome: NotSent | Refused) -> str:
    match outcome:
        case NotSent(reason=reason):
            carrier.close_intents(intended.ids, Outcome.UNSENT, reason)
            return reason
        case Refused(refusal=refusal, status=status):
            carrier.close_intents(intended.ids, Outcome.REFUSED, refusal.text, status)
            if status == 401:
                raise login_refused(refusal)
            if status == 429:
                carrier.too_many_requests(outcome)
            return refusal.text or f"MOCO answered {status}"


def _close_found(
    carrier: Carrier, intent_id: int, found: Sequence[WebHook], outcome: Outcome = Outcome.FOUND
) -> OurHook | None:
    """Remember what a request created, if its intent is still open; None when it created nothing."""
    ours, now = [as_ours(each) for each in found], carrier.place.clock.now()
    with writing(carrier.place.engine) as session:
        closed = intents.close_intents(session, [intent_id], outcome if ours else Outcome.ABSENT, now)
        if closed:
            remember(session, ours, now)
    return ours[0] if ours and closed else None


def _close_removed(
    carrier: Carrier,
    intent_id: int,
    hook_id: MocoId,
    listed: Sequence[WebHook],
    outcome: Outcome = Outcome.FOUND,
) -> bool:
    """Forget a hook that MOCO no longer lists; tells whether it is gone."""
    gone, now = all(each.id != hook_id for each in listed), carrier.place.clock.now()
    with writing(carrier.place.engine) as session:
        closed = intents.close_intents(session, [intent_id], outcome if gone else Outcome.ABSENT, now)
        if closed and gone:
            forget(session, [hook_id], now)
    return gone


def _shown(body: object) -> WebHook | None:
    try:
        return read_web_hook(body)
    except AnswerError:
        return None
