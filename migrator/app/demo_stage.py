"""Where the demo plays: a made-up agency, its export in a folder, a simulated MOCO, and a configuration for both."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.app.config import load
from migrator.app.progress import Progress
from migrator.app.wiring import Workplace, open_workplace
from migrator.errors import UsageError
from migrator.sandbox.company import Agency, Furnished, build_agency, furnish, write_export
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_switches import RateLimit, Switches
from migrator.sandbox.serve import serve

WINDOW = RateLimit(1500, 15)
"""Ten times what MOCO's unlimited plan allows, so that the demo takes seconds."""

INSTANCE = "main"

_SEED = 1

_CONFIG = """\
# Written by `migrator demo`. The simulated MOCO ended with it; `status`, `runs` and `inbox` still work here.

[activecollab]
instance = "{instance}"
files = ["export/*.xml"]

[moco]
url = "{url}"
api_key = "{api_key}"
requests_per_window = {window.requests}             # 15, or 150 with MOCO's unlimited plan
window_seconds = {window.seconds}
timeout_seconds = 5                    # short, because the simulated MOCO is near: 30 and 120 for the real one
settle_seconds = 1

[policy]
source_deleted = "delete"              # what is in ActiveCollab's trash is deleted in MOCO; otherwise reported
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything the chapters play with."""

    folder: Path
    agency: Agency
    sandbox: MocoSandbox
    furnished: Furnished
    url: str
    place: Workplace

    @property
    def export(self) -> Path:
        """Where ActiveCollab's export lies."""
        return self.folder / "export"

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "migrator.toml"

    @property
    def database(self) -> Path:
        """The database that the configuration names by default."""
        return self.folder / "migrator.db"

    @property
    def mapping(self) -> Path:
        """The mapping that a person completed."""
        return self.folder / "map.csv"


@contextmanager
def staged(progress: Progress, records: int, keep: Path | None) -> Iterator[Stage]:
    """Set the stage in `keep`, or in a new folder for temporary files that stays; the sandbox ends with the block.

    Raises `UsageError` for too few records and for a folder that holds something already.
    """
    try:
        agency = build_agency(_SEED, records)
    except ValueError as error:
        raise UsageError(f"--records: {error}") from error
    folder = _folder(keep)
    with progress.phase("making up an agency"):
        sandbox = MocoSandbox(switches=Switches(rate_limits=(WINDOW,)))
        furnished = furnish(agency, sandbox)
        write_export(agency, folder / "export")
    with serve(sandbox) as served:
        config = folder / "migrator.toml"
        text = _CONFIG.format(instance=INSTANCE, url=served.url, api_key=furnished.api_key, window=WINDOW)
        config.write_text(text, encoding="utf-8")
        place = open_workplace(load(config, environ={}), progress)
        try:
            yield Stage(folder, agency, sandbox, furnished, served.url, place)
        finally:
            place.engine.dispose()


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
