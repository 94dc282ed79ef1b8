"""`sandbox`: a simulated MOCO with a made-up agency in it, to try things on until Ctrl-C."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.progress import Progress
from migrator.errors import ExitCode, UsageError
from migrator.sandbox.company import Agency, Furnished, build_agency, furnish, write_export
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_switches import RateLimit, Switches
from migrator.sandbox.serve import Served, serve

RECORDS = 2000
WINDOW = RateLimit(150, 15)
"""As much as MOCO's unlimited plan allows."""

_HOST = "127.0.0.1"

_TEXT = """\
A simulated MOCO answers at {url} until Ctrl-C.

  API key   {api_key}
  holds     {users} people, {companies} companies, {projects} projects; no activities yet
  allows    {window.requests} requests per {window.seconds} seconds
  export    {export} ({state})

Put this into migrator.toml:

{config}
Then, in another terminal: migrator read, map suggest, plan, apply last, verify.

Steer it from this computer, for example:

  curl {url}/_sandbox/state
  curl {url}/_sandbox/faults --json '{{"effect": "lose_answer", "method": "POST", "path": "/activities/bulk"}}'
  curl {url}/_sandbox/switches --json '{{"rate_limits": [[15, 15]]}}'"""

_CONFIG = """\
[activecollab]
files = ["{export}/*.xml"]

[moco]
url = "{url}"
api_key = "{api_key}"
requests_per_window = {window.requests}
window_seconds = {window.seconds}
settle_seconds = 5
"""


def serve_sandbox(progress: Progress, *, moco_port: int, seed: int, announce: Callable[[Answer], object]) -> None:
    """Serve the agency of `seed` on the loopback address until Ctrl-C; port 0 is any free one.

    `announce` hears where it is and how to use it, as soon as it answers. The agency's export is written below
    `sandbox-export`; one that is there already is left as it is, because somebody may have edited it. Raises
    `UsageError` for a port that is taken and for a folder that cannot be written.
    """
    _require_free(moco_port)
    export = Path("sandbox-export", f"seed-{seed}").absolute()
    sandbox = MocoSandbox(switches=Switches(rate_limits=(WINDOW,)))
    with progress.phase("making up an agency"):
        agency = build_agency(seed, RECORDS)
        furnished = furnish(agency, sandbox)
        state = _written(agency, export)
    with serve(sandbox, _HOST, moco_port) as served:
        announce(_answer(served, furnished, export, state))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            # The usual end; the sandbox forgets everything, so nothing is left to put in order.
            return


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # As the server does it: a port that was used a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise UsageError(
                f"--moco-port {port}: cannot listen on {_HOST}:{port}: {error.strerror}",
                hint="choose another port, or 0 for any free one",
            ) from error


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


def _answer(served: Served, furnished: Furnished, export: Path, state: str) -> Answer:
    config = _CONFIG.format(export=export.as_posix(), url=served.url, api_key=furnished.api_key, window=WINDOW)
    text = _TEXT.format(
        url=served.url,
        api_key=furnished.api_key,
        users=furnished.users,
        companies=furnished.companies,
        projects=furnished.projects,
        window=WINDOW,
        export=export,
        state=state,
        config=config,
    )
    document: dict[str, object] = {
        "schema": "migrator.sandbox/1",
        "url": served.url,
        "control_url": f"{served.url}/_sandbox",
        "api_key": furnished.api_key,
        "export": str(export),
        "configuration": config,
        "exit_code": int(ExitCode.DONE),
    }
    return Answer(text, document)
