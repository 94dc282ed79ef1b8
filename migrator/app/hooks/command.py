"""`hooks`: the web hooks of the MOCO account: ours, and pausing those of others while very much is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from migrator.app.answer import Answer
from migrator.app.carrying import Carrier
from migrator.app.configuration.loopback import is_loopback
from migrator.app.configuration.rules import url_expectation
from migrator.app.hooks.installing import InstallReport, recover_installs
from migrator.app.hooks.installing import install as install_ours
from migrator.app.hooks.installing import remove as remove_ours
from migrator.app.hooks.ours import OUR_PATH, is_ours, our_hooks
from migrator.app.hooks.paused import PausedHook, Pauser, paused_hooks
from migrator.app.hooks.switching import HookReport, pause_others, recover_hooks
from migrator.app.hooks.switching import resume as resume_paused
from migrator.app.runs import ended, started
from migrator.app.secret import register_secret
from migrator.app.wiring import Workplace, connect_reader, connect_writer, leased, open_window
from migrator.core.model import MocoId
from migrator.errors import ExitCode, UsageError
from migrator.moco.answers import WebHook
from migrator.store import intents
from migrator.store.engine import reading

_NO_KEY = (
    f"Until web.webhook_key is set to the key that MOCO shows above its web hooks, {OUR_PATH} is answered with 404, "
    "and MOCO switches them off."
)


def list_hooks(place: Workplace) -> Answer:
    """Every web hook of the account, whose it is, and whether we paused it; of its address only the host is shown."""
    found = connect_reader(place).list_web_hooks()
    with reading(place.engine) as session:
        paused = {hook.id: hook for hook in paused_hooks(session)}
        known = our_hooks(session)
    ours = {hook.id for hook in found if is_ours(hook, known)}
    lines = [_line(hook, paused, ours) for hook in found] or ["The account has no web hooks."]
    document: dict[str, object] = {
        "schema": "migrator.hooks/1",
        "hooks": [
            {
                "id": hook.id,
                "target": hook.target,
                "event": hook.event,
                "host": _host(hook),
                "active": hook.active,
                "ours": hook.id in ours,
                "paused_by": paused[hook.id].by.value if hook.id in paused else None,
            }
            for hook in found
        ],
        "exit_code": int(ExitCode.DONE),
    }
    return Answer("\n".join(lines), document)


def pause(place: Workplace) -> Answer:
    """Switch off the active hooks of others, remembering which."""
    return _switched(place, "pause", lambda carrier: pause_others(carrier, Pauser.PERSON), "Nothing to pause.")


def resume(place: Workplace) -> Answer:
    """Switch exactly those on again that were paused, by whomever."""
    return _switched(place, "resume", resume_paused, "Nothing is paused.")


def install(place: Workplace, url: str) -> Answer:
    """Have MOCO tell us of activities and projects at an address from which a proxy hands on to `serve`.

    Raises `UsageError` for an address that MOCO cannot call.
    """
    _require_public(url, local=is_loopback(urlsplit(place.config.moco.url).hostname or ""))
    answer = _switched(place, "install", lambda carrier: install_ours(carrier, url), "Nothing to install.")
    if place.config.web.webhook_keys:
        return answer
    verdict = f"{answer.text}\n{_NO_KEY}"
    return replace(answer, text=verdict, document={**answer.document, "verdict": verdict})


def remove(place: Workplace) -> Answer:
    """Delete the web hooks that we installed, and no others."""
    return _switched(place, "remove", remove_ours, "No web hook of ours is there.")


def _require_public(url: str, *, local: bool) -> None:
    """A MOCO on this machine, which can only be a simulated one, may call by plain http on this machine."""
    expected = url_expectation(url)
    parts = urlsplit(url) if not expected else None
    if parts is None or (parts.scheme != "https" and not local) or not parts.path.rstrip("/").endswith(OUR_PATH):
        raise UsageError(
            f"MOCO cannot call this address; expected a public one that begins with https:// and ends in {OUR_PATH}, "
            "without user name, password, ? and #",
            hint=f"as https://migrator.example.com{OUR_PATH}, where a proxy hands on to `migrator serve`",
        )
    # What stands before our path may be there so that nobody else knows it.
    register_secret(parts.path.rstrip("/").removesuffix(OUR_PATH).strip("/"))


def _switched(
    place: Workplace, verb: str, switch: Callable[[Carrier], HookReport | InstallReport], nothing: str
) -> Answer:
    with leased(place, f"hooks {verb}") as epoch, started(place, "hooks") as run_id:
        window = open_window(place)
        carrier = Carrier(place, connect_writer(place, window), window, run_id, epoch)
        with reading(place.engine) as session:
            left_open = intents.list_open(session)
        recover_hooks(carrier, left_open)
        recover_installs(carrier, left_open)
        report = switch(carrier)
        verdict = "\n".join(report.sentences) or nothing
        code = ExitCode.ERROR if report.left else ExitCode.DONE
        document: dict[str, object] = {
            "schema": f"migrator.hooks.{verb}/1",
            "run": run_id,
            "verdict": verdict,
            **report.as_json(),
            "requests": dict(carrier.writer.requests),
            "exit_code": int(code),
        }
        ended(place, run_id, code, document)
    return Answer(verdict, document, code)


def _line(hook: WebHook, paused: dict[MocoId, PausedHook], ours: set[MocoId]) -> str:
    state = "paused" if hook.id in paused else "active" if hook.active else "off"
    whose = " (ours)" if hook.id in ours else ""
    return f"{hook.id:>10}  {state:<6}  {hook.target} {hook.event}, to {_host(hook)}{whose}"


def _host(hook: WebHook) -> str:
    return urlsplit(hook.url).hostname or "?"
