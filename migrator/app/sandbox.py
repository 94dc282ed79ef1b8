"""`sandbox`: a simulated ActiveCollab and a simulated MOCO of one made-up agency, to try things on until Ctrl-C."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.progress import Progress
from migrator.app.sandbox_text import ServedBoth, answer_of
from migrator.errors import UsageError
from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.company import Agency, Generation, build_agency, furnish, write_export
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_hook_sending import Deliverer
from migrator.sandbox.moco_switches import RateLimit, Switches
from migrator.sandbox.serve import serve

RECORDS = 2000
GENERATIONS: Mapping[str, Generation] = {"2": 2, "3": 3, "5": 5}
WINDOW = RateLimit(150, 15)
"""As much as MOCO's unlimited plan allows."""

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SandboxWords:
    """The options of `sandbox` as typed; port 0 is any free one."""

    moco_port: int
    activecollab_port: int
    generation: Generation
    seed: int


def serve_sandbox(progress: Progress, words: SandboxWords, announce: Callable[[Answer], object]) -> None:
    """Serve the agency of a seed on the loopback address until Ctrl-C.

    `announce` hears where both services are and how to use them, as soon as they answer. The agency's export is
    written below `sandbox-export`; one that is there already is left as it is, because somebody may have edited it.
    Raises `UsageError` for ports that are taken and for a folder that cannot be written.
    """
    _require_free({"--moco-port": words.moco_port, "--activecollab-port": words.activecollab_port})
    export = Path("sandbox-export", f"seed-{words.seed}-generation-{words.generation}").absolute()
    with progress.phase("making up an agency"):
        agency = build_agency(words.seed, RECORDS, generation=words.generation)
        activecollab = ActiveCollabSandbox.of(agency)
        moco = MocoSandbox(switches=Switches(rate_limits=(WINDOW,), hooks_by_http=True))
        furnished = furnish(agency, moco)
        state = _written(agency, export)
    with (
        serve(moco, _HOST, words.moco_port) as target,
        serve(activecollab, _HOST, words.activecollab_port) as source,
        Deliverer(moco.deliver_hooks),
    ):
        announce(
            answer_of(
                ServedBoth(
                    agency=agency,
                    activecollab=activecollab,
                    activecollab_url=source.url,
                    furnished=furnished,
                    moco_url=target.url,
                    webhook_key=moco.webhook_key,
                    window=WINDOW,
                    export=export,
                    export_state=state,
                )
            )
        )
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            # The usual end; the sandboxes forget everything, so nothing is left to put in order.
            return


def _require_free(ports: dict[str, int]) -> None:
    """Whether both can listen, asked before anything is written; every port that is taken is named."""
    wanted = [port for port in ports.values() if port]
    if len(set(wanted)) < len(wanted):
        raise UsageError(
            f"{' and '.join(ports)}: both are {wanted[0]}; expected two different ports",
            hint="choose another port for one of them, or 0 for any free one",
        )
    taken = [f"{option} {port}: {problem}" for option, port in ports.items() if (problem := _problem_with(port))]
    if taken:
        raise UsageError("; ".join(taken), hint="choose another port, or 0 for any free one")


def _problem_with(port: int) -> str:
    with socket.socket() as probe:
        # As the server does it: a port that was used a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            return f"cannot listen on {_HOST}:{port}: {error.strerror}"
    return ""


def _written(agency: Agency, export: Path) -> str:
    try:
        if export.exists():
            return "it was there already and is left as it is"
        files = write_export(agency, export)
    except OSError as error:
        raise UsageError(
            f"{export}: the export cannot be written: {error.strerror}",
            hint="run the command in a folder that you may write to",
        ) from error
    return f"{len(files)} files, {RECORDS:,} time records"
