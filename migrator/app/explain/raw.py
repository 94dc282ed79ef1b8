"""The raw fragment of a record: as it was kept, as its document still has it, or why it cannot be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import migrator
from migrator.activecollab.fragment_search import Place, find_fragment
from migrator.app.config import Config
from migrator.core.model import Origin
from migrator.store.remembered import KeptReject, StagedCopy


@dataclass(frozen=True, slots=True)
class Fragment:
    """A record as it is written; `text` is empty where it cannot be shown, and `why` says why, or where it is from."""

    text: str
    why: str


def kept_fragment(reject: KeptReject) -> Fragment:
    """What was kept when the copy was read."""
    if reject.value.fragment:
        return Fragment(reject.value.fragment, "as it was read")
    return Fragment("", "it was read by a version that kept none: `migrator read` keeps it")


def fragment_of(config: Config, copy: StagedCopy) -> Fragment:
    """The fragment of a staged copy, out of its document, where that still says the very same there."""
    origin = copy.origin
    if origin.live:
        return Fragment("", "a running ActiveCollab told it, and only its hash was kept")
    place = Place(
        line=origin.line,
        fragment_hash=copy.fragment_hash,
        version=copy.program or migrator.__version__,
        timezone=ZoneInfo(config.activecollab.timezone),
        base_url=config.activecollab.url or "",
    )
    looked_in = None
    for file, member in find_files(config, origin):
        looked_in = file
        try:
            found = find_fragment(file, member, place)
        except OSError as error:
            return Fragment("", f"{file} cannot be read: {error.strerror or 'unknown reason'}")
        if found is not None:
            return Fragment(found, f"as {origin.document} still has it; its hash agrees")
    if looked_in is None:
        return Fragment("", f"the file of {origin.document} is not there any more")
    return Fragment(
        "",
        f"{looked_in} does not say the same at this place any more, or activecollab.timezone or activecollab.url was "
        "changed since it was read",
    )


def find_files(config: Config, origin: Origin) -> Iterator[tuple[Path, str]]:
    """The files that a document may be in, with the name of the archive's member; those that exist.

    Documents are named relative to the folder of the configuration, or to the one in which `read` was called.
    """
    bases = [config.path.parent if config.path else Path.cwd(), Path.cwd()]
    for base in dict.fromkeys(each.resolve() for each in bases):
        parts = Path(origin.document).parts
        for length in range(len(parts), 0, -1):
            file = base.joinpath(*parts[:length])
            if file.is_file():
                yield file, "/".join(parts[length:])
                break
