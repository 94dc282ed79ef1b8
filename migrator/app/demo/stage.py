"""Where the demo plays: a made-up agency in a simulated ActiveCollab, a simulated MOCO, a configuration for both."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.app.config import load
from migrator.app.progress import Phase, Progress
from migrator.app.wiring import Workplace, open_workplace
from migrator.errors import UsageError
from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.company import Agency, Furnished, Generation, build_agency, furnish
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_switches import RateLimit, Switches
from migrator.sandbox.serve import serve

WINDOW = RateLimit(1500, 15)
"""Ten times what MOCO's unlimited plan allows, so that the demo takes seconds."""

GENERATION: Generation = 5
"""The one that shows most: it lists time page by page, and can be asked what lies in its trash."""

INSTANCE = "main"

_SEED = 1

_PACE = 60_000
"""Requests to ActiveCollab in a minute; the default is 60."""

_CONFIG = """\
# Written by `migrator demo`. Both simulations ended with it; `status`, `runs` and `inbox` still work here.

[activecollab]
instance = "{instance}"
url = "{activecollab_url}"
token = "{token}"
requests_per_minute = {pace}            # 60, or what the server bears
timeout_seconds = 5                    # short, because the simulations are near: 30 for real ones

[moco]
url = "{moco_url}"
api_key = "{api_key}"
requests_per_window = {window.requests}             # 15, or 150 with MOCO's unlimited plan
window_seconds = {window.seconds}
timeout_seconds = 5
settle_seconds = 1                     # 120 for the real one

[policy]
source_deleted = "delete"              # what is in ActiveCollab's trash is deleted in MOCO; otherwise reported

[gates]
pilot_above = 0                        # else more than 5000 records would need a pilot before them: plan --pilot

[sync]
idle_every = "0s"                      # the made-up records are years old, and such projects count as idle:
archived_every = "0s"                  # without this they would be read every 6 hours and every 7 days
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything the chapters play with."""

    folder: Path
    agency: Agency
    activecollab: ActiveCollabSandbox
    activecollab_url: str
    moco: MocoSandbox
    moco_url: str
    furnished: Furnished
    place: Workplace

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "migrator.toml"

    @property
    def database(self) -> Path:
        """The database that the configuration names by default."""
        return self.folder / "migrator.db"

    @property
    def report(self) -> Path:
        """Where the controller's report goes."""
        return self.folder / "report"

    @property
    def mapping(self) -> Path:
        """The mapping that a person completed."""
        return self.folder / "map.csv"

    def person(self, user_id: int) -> str:
        """What the simulated MOCO calls a person."""
        user = self.moco.state.users[user_id]
        return f"{user.firstname} {user.lastname}"

    def project(self, project_id: int) -> str:
        """What the simulated MOCO calls a project."""
        return self.moco.state.projects[project_id].name


def marker_of(record_id: int) -> str:
    """What MOCO's activity of a record of ActiveCollab is marked with."""
    return f"ac:{INSTANCE}:{record_id}"


@contextmanager
def staged(progress: Progress, records: int, keep: Path | None) -> Iterator[Stage]:
    """Set the stage in `keep`, or in a new folder for temporary files that stays; both sandboxes end with the block.

    Raises `UsageError` for too few records and for a folder that holds something already.
    """
    try:
        agency = build_agency(_SEED, records, generation=GENERATION)
    except ValueError as error:
        raise UsageError(f"--records: {error}") from error
    folder = _folder(keep)
    with progress.phase("making up an agency"):
        activecollab = ActiveCollabSandbox.of(agency)
        moco = MocoSandbox(switches=Switches(rate_limits=(WINDOW,)))
        furnished = furnish(agency, moco)
    with serve(activecollab) as source, serve(moco) as target:
        activecollab_url = f"{source.url}{activecollab.path}"
        text = _CONFIG.format(
            instance=INSTANCE,
            activecollab_url=activecollab_url,
            token=activecollab.token,
            pace=_PACE,
            moco_url=target.url,
            api_key=furnished.api_key,
            window=WINDOW,
        )
        config = folder / "migrator.toml"
        config.write_text(text, encoding="utf-8")
        place = open_workplace(load(config, environ={}), _Backstage(progress))
        try:
            yield Stage(folder, agency, activecollab, activecollab_url, moco, target.url, furnished, place)
        finally:
            place.engine.dispose()


class _Backstage:
    """Progress of which only the bars are seen: what a command tells beside its answer is the story's to tell."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def phase(self, name: str, total: int | None = None) -> AbstractContextManager[Phase]:
        return self._progress.phase(name, total)

    def note(self, text: str) -> None:
        self._progress.note(text)

    def tell(self, text: str) -> None:
        """Say nothing."""


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="migrator-demo-"))
    folder = keep.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"--keep {keep}: the folder cannot be used: {error.strerror}") from error
    if occupied:
        raise UsageError(
            f"--keep {keep}: the folder is not empty; nothing in it was touched",
            hint="name a new folder, or one that is empty",
        )
    return folder
