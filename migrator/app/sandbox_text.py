"""What `sandbox` says of what it serves: addresses, keys, the settings for both, and how to steer them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from migrator.app.answer import Answer
from migrator.errors import ExitCode
from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.company import Agency, Fate, Furnished, TimeRecord, fate_of
from migrator.sandbox.moco_switches import RateLimit

_VERSIONS = {2: "1.x and 2.x", 3: "3.x and 4.x", 5: "5.x to 7.x"}

_PACE = 6000
"""Requests to the simulated ActiveCollab in a minute."""

_TEXT = """\
A simulated ActiveCollab and a simulated MOCO of one made-up agency answer until Ctrl-C.

ActiveCollab  {activecollab_url}
  speaks      generation {generation} ({versions})
  token       {token}
{login}  holds       {people} people, {projects} projects, {records:,} time records, {trashed} of them in its trash
  exported    {export} ({state})

MOCO          {moco_url}
  API key     {api_key}
  holds       {users} people, {companies} companies, {moco_projects} projects; no activities yet
  allows      {window.requests} requests per {window.seconds} seconds

Put this into migrator.toml:

{config}
Then, in another terminal: migrator read, map suggest, plan, apply last, verify.

Lengthen, move and throw away time records in ActiveCollab as people there do, then: migrator sync

  curl {activecollab_root}/_sandbox/records/{edited} --json '{{"hours": "3.5"}}'
  curl {activecollab_root}/_sandbox/records/{moved} --json '{{"project_id": {other_project}}}'
  curl {activecollab_root}/_sandbox/records/{trashed_id}/trash --json '{{}}'

Be told of what people do in MOCO: migrator hooks install http://127.0.0.1:8420/hooks/moco, then migrator serve

Look inside, or make trouble; POST /_sandbox/faults and /_sandbox/switches are at both addresses

  curl {activecollab_root}/_sandbox/requests
  curl {moco_url}/_sandbox/state
  curl {moco_url}/_sandbox/faults --json '{{"effect": "lose_answer", "method": "POST", "path": "/activities/bulk"}}'
  curl {moco_url}/_sandbox/switches --json '{{"rate_limits": [[15, 15]]}}'"""

_CONFIG = """\
[activecollab]
url = "{activecollab_url}"
token = "{token}"
requests_per_minute = {pace}
# To read the exported files instead, put this in the place of url and token:
# files = ["{export}/*.{suffix}"]

[moco]
url = "{moco_url}"
api_key = "{api_key}"
requests_per_window = {window.requests}
window_seconds = {window.seconds}
settle_seconds = 5

[web]
webhook_key = "{webhook_key}"

[policy]
source_deleted = "delete"    # what is thrown away in ActiveCollab is deleted in MOCO, too

[sync]
idle_every = "0s"            # every project in every sync: the made-up records are years
archived_every = "0s"        # old, and such projects are otherwise read rarely
"""


@dataclass(frozen=True, slots=True)
class ServedBoth:
    """What is served and where; `export_state` says what became of the exported files."""

    agency: Agency
    activecollab: ActiveCollabSandbox
    activecollab_url: str
    """Without the path of its API."""
    furnished: Furnished
    moco_url: str
    webhook_key: str
    window: RateLimit
    export: Path
    export_state: str


def answer_of(both: ServedBoth) -> Answer:
    """The announcement, as text and for programs."""
    config = _config(both)
    document: dict[str, object] = {
        "schema": "migrator.sandbox/1",
        "url": both.moco_url,
        "control_url": f"{both.moco_url}/_sandbox",
        "api_key": both.furnished.api_key,
        "activecollab": {
            "url": both.activecollab_url + both.activecollab.path,
            "control_url": f"{both.activecollab_url}/_sandbox",
            "token": both.activecollab.token,
            "generation": str(both.agency.generation),
        },
        "export": str(both.export),
        "configuration": config,
        "exit_code": int(ExitCode.DONE),
    }
    return Answer(_text(both, config), document)


def _config(both: ServedBoth) -> str:
    return _CONFIG.format(
        activecollab_url=both.activecollab_url + both.activecollab.path,
        token=both.activecollab.token,
        pace=_PACE,
        export=both.export.as_posix(),
        suffix="json" if both.agency.generation == 5 else "xml",
        moco_url=both.moco_url,
        api_key=both.furnished.api_key,
        webhook_key=both.webhook_key,
        window=both.window,
    )


def _text(both: ServedBoth, config: str) -> str:
    facts, furnished = both.agency.facts, both.furnished
    ready = (each for each in both.agency.records() if fate_of(each) is Fate.READY)
    edited, moved, trashed = next(ready), next(ready), next(ready)
    return _TEXT.format(
        activecollab_url=both.activecollab_url + both.activecollab.path,
        activecollab_root=both.activecollab_url,
        generation=both.agency.generation,
        versions=_VERSIONS[both.agency.generation],
        token=both.activecollab.token,
        login=_login(both),
        people=facts.people,
        projects=facts.projects,
        records=facts.total.records,
        trashed=facts.trashed.records,
        export=both.export,
        state=both.export_state,
        moco_url=both.moco_url,
        api_key=furnished.api_key,
        users=furnished.users,
        companies=furnished.companies,
        moco_projects=furnished.projects,
        window=both.window,
        config=config,
        edited=edited.id,
        moved=moved.id,
        other_project=_another_project(ready, moved),
        trashed_id=trashed.id,
    )


def _login(both: ServedBoth) -> str:
    """Who can log in, where a password can be exchanged for a token."""
    if both.agency.generation == 2:
        return ""
    owner = both.activecollab.state.people[both.activecollab.owner_id]
    return f"  log in      {owner.email}, password {owner.password}\n"


def _another_project(ready: Iterator[TimeRecord], moved: TimeRecord) -> int:
    """One that MOCO has open too, and whose time is as billable or not."""
    return next(
        each.project.id
        for each in ready
        if each.project.id != moved.project.id and each.project.internal is moved.project.internal
    )
