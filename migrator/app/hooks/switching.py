"""Switches web hooks of the account off and on again, so that a kill at any moment leaves them to be found.

A hook is remembered before it is touched, and forgotten once MOCO showed it active again. Both requests are
idempotent, so one whose answer was lost is looked up after it settled, and sent again where it did nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, wait_until_settled
from migrator.app.hooks.ours import is_ours, our_hooks
from migrator.app.hooks.paused import PausedHook, Pauser, forget, paused_hooks, remember
from migrator.core.model import MocoId
from migrator.errors import LoginRefused, MigratorError
from migrator.moco.answers import read_web_hook
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear
from migrator.store.engine import reading, writing
from migrator.store.intents import NewIntent, OpenIntent, Outcome

WRITES = frozenset({"hook_on", "hook_off"})
"""The names under which intents of this module are kept."""

TRIES = 3


@dataclass(slots=True)
class HookReport:
    """What became of the account's web hooks; `left` are those we could not switch, each with the reason."""

    paused: list[PausedHook] = field(default_factory=list)
    resumed: list[PausedHook] = field(default_factory=list)
    gone: list[PausedHook] = field(default_factory=list)
    left: list[tuple[PausedHook, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Ids by what became of them."""
        return {
            "paused": [hook.id for hook in self.paused],
            "resumed": [hook.id for hook in self.resumed],
            "gone": [hook.id for hook in self.gone],
            "left": [{"id": hook.id, "reason": why} for hook, why in self.left],
        }

    @property
    def sentences(self) -> list[str]:
        """The same for people."""
        told = [
            _counted(self.paused, "paused: {}"),
            _counted(self.resumed, "active again: {}"),
            _counted(self.gone, "no longer there, so not to be resumed: {}"),
            *(f"Web hook {hook} could not be switched: {why}." for hook, why in self.left),
        ]
        return [sentence for sentence in told if sentence]


def _counted(hooks: Sequence[PausedHook], words: str) -> str:
    if not hooks:
        return ""
    one = "1 web hook" if len(hooks) == 1 else f"{len(hooks)} web hooks"
    return f"{one} {words.format(', '.join(map(str, hooks)))}."


def pause_others(carrier: Carrier, by: Pauser) -> HookReport:
    """Switch off every active hook that is not ours. Raises `LoginRefused` where the key may not manage them."""
    with reading(carrier.place.engine) as session:
        ours = our_hooks(session)
    others = [hook for hook in carrier.writer.list_web_hooks() if hook.active and not is_ours(hook, ours)]
    wanted = [PausedHook(hook.id, hook.target, hook.event, by) for hook in others]
    with writing(carrier.place.engine) as session:
        remember(session, wanted, carrier.place.clock.now())
    report = HookReport()
    for hook in wanted:
        _report(report, hook, switch(carrier, hook, active=False), report.paused)
    return report


def resume(carrier: Carrier, only: Pauser | None = None) -> HookReport:
    """Switch exactly those on again that we paused, for whomever or only for one; what cannot be stays remembered."""
    with reading(carrier.place.engine) as session:
        wanted = [hook for hook in paused_hooks(session) if only in {None, hook.by}]
    report = HookReport()
    for hook in wanted:
        _report(report, hook, switch(carrier, hook, active=True), report.resumed)
    return report


def resume_if_possible(carrier: Carrier) -> HookReport:
    """Switch on what a run paused; an error is told and reported, so that it hides nothing else."""
    try:
        return resume(carrier, Pauser.RUN)
    except MigratorError as error:
        with reading(carrier.place.engine) as session:
            left = [hook for hook in paused_hooks(session) if hook.by is Pauser.RUN]
        carrier.place.progress.tell(f"web hooks stay paused: {error.message}; see `migrator hooks resume`")
        return HookReport(left=[(hook, error.message) for hook in left])


@contextmanager
def paused_meanwhile(carrier: Carrier, *, wanted: bool) -> Iterator[HookReport]:
    """Pause the hooks of others, and resume them whatever happens in between; nothing unless `wanted`."""
    if not wanted:
        yield HookReport()
        return
    try:
        report = pause_others(carrier, Pauser.RUN)
        yield report
    finally:
        after = resume_if_possible(carrier)
    report.resumed, report.gone = after.resumed, [*report.gone, *after.gone]
    report.left += after.left


def recover_hooks(carrier: Carrier, left_open: Sequence[OpenIntent]) -> None:
    """Close the intents of a killed run by what MOCO shows; their requests can no longer take effect."""
    mine = [each for each in left_open if each.write in WRITES]
    if not mine:
        return
    for each in mine:
        wait_until_settled(carrier, each.id)
    try:
        active = {hook.id: hook.active for hook in carrier.writer.list_web_hooks()}
    except (LoginRefused, AnswerError) as error:
        carrier.place.progress.note(f"web hooks cannot be looked at: {error.message}")
        return
    for each in mine:
        done = active.get(MocoId(int(each.natural_key))) is (each.write == "hook_on")
        carrier.close_intents([each.id], Outcome.FOUND if done else Outcome.ABSENT)


# -- one hook ------------------------------------------------------------------------------------------------------


class _Gone(Exception):
    """MOCO has no such hook any more."""


def _report(report: HookReport, hook: PausedHook, why: str | None, done: list[PausedHook]) -> None:
    if why is None:
        report.gone.append(hook)
    elif why:
        report.left.append((hook, why))
    else:
        done.append(hook)


def switch(carrier: Carrier, hook: PausedHook, *, active: bool) -> str | None:
    """Switch one hook: empty when it is as wanted, None when it is gone, else why not."""
    why = ""
    for _ in range(TRIES):
        try:
            why = _send(carrier, hook, active=active)
        except _Gone:
            _forget(carrier, hook)
            return None
        if not why:
            if active:
                _forget(carrier, hook)
            return ""
    if not active and not _may_be_off(carrier, hook):
        _forget(carrier, hook)
    return why


def _may_be_off(carrier: Carrier, hook: PausedHook) -> bool:
    return all(each.id != hook.id or not each.active for each in carrier.writer.list_web_hooks())


def _forget(carrier: Carrier, hook: PausedHook) -> None:
    with writing(carrier.place.engine) as session:
        forget(session, [hook.id], carrier.place.clock.now())


def _send(carrier: Carrier, hook: PausedHook, *, active: bool) -> str:
    """One request and what came of it: empty when the hook is as wanted, else why not. Raises `_Gone`."""
    permit = carrier.permission()
    intent = NewIntent(
        run_id=carrier.run_id,
        batch=carrier.new_batch(),
        write="hook_on" if active else "hook_off",
        natural_key=str(hook.id),
        payload=json.dumps({"hook": hook.id, "active": active}),
    )
    try:
        intended = carrier.intend([intent])
    except BaseException:
        carrier.window.free(permit)
        raise
    outcome = carrier.writer.switch_web_hook(hook.id, active=active, permit=permit, committed_at=intended.committed_at)
    match outcome:
        case Answered(body=body) if _shows(body, hook.id, active=active):
            carrier.close_intents(intended.ids, Outcome.ANSWERED)
            return ""
        case NotSent(reason=reason):
            carrier.close_intents(intended.ids, Outcome.UNSENT, reason)
            return reason
        case Refused(refusal=refusal):
            carrier.close_intents(intended.ids, Outcome.REFUSED, refusal.text, refusal.status)
            return _refused(carrier, outcome)
        case Answered() | Unclear():
            wait_until_settled(carrier, intended.ids[0])
            return _looked_up(carrier, intended.ids[0], hook, active=active)


def _refused(carrier: Carrier, outcome: Refused) -> str:
    match outcome.status:
        case 401:
            raise login_refused(outcome.refusal)
        case 404:
            raise _Gone
        case 429:
            carrier.too_many_requests(outcome)
            return "too many requests"
        case status:
            return outcome.refusal.text or f"MOCO answered {status}"


def _looked_up(carrier: Carrier, intent_id: int, hook: PausedHook, *, active: bool) -> str:
    found = {each.id: each.active for each in carrier.writer.list_web_hooks()}
    done = found.get(hook.id) is active
    carrier.close_intents([intent_id], Outcome.FOUND if done else Outcome.ABSENT)
    if hook.id not in found:
        raise _Gone
    return "" if done else "MOCO gave no usable answer"


def _shows(body: object, hook_id: MocoId, *, active: bool) -> bool:
    try:
        shown = read_web_hook(body)
    except AnswerError:
        return False
    return (shown.id, shown.active) == (hook_id, active)
