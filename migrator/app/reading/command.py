"""`read`: what ActiveCollab exported, and what a running one shows, goes into the database; never talks to MOCO."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from migrator.activecollab.export import find_documents, open_documents
from migrator.app.answer import Answer
from migrator.app.config import Config, require_source
from migrator.app.configuration.model import DEFAULT_FILES
from migrator.app.reading.answer import answer_of
from migrator.app.reading.documents import FILE_BATCHES, ReadBook, seldom_collected, stage_document
from migrator.app.reading.live import Reach, read_live
from migrator.app.reading.live_book import LiveBook
from migrator.app.runs import ended, started
from migrator.app.wiring import Workplace, connect_source, remember_requests
from migrator.core.actions import HoldReason
from migrator.core.fingerprint import digest
from migrator.errors import MigratorError, UsageError
from migrator.store import inbox, source
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, NewItem


def read_source(place: Workplace, paths: Sequence[str], reach: Reach = Reach.ALL) -> Answer:
    """Read the named files, or what the configuration names, and say what was found.

    Without `paths` that is the files first and then the running ActiveCollab, as far as `reach` says. Raises
    `UsageError` for a path or glob that matches nothing, `LoginRefused` and `TryAgainLater` for ActiveCollab,
    `MigratorError` when nothing was usable at all.
    """
    config = place.config
    if not paths:
        require_source(config)
    base = Path.cwd() if paths else (config.path.parent if config.path else Path.cwd())
    documents = find_documents(tuple(paths), base) if paths else _configured_documents(config, base)
    book, live = ReadBook(), None
    with started(place, "read") as run_id:
        _read_files(place, run_id, documents, base, book)
        if config.activecollab.url and not paths:
            live = _read_server(place, run_id, reach, book)
        if book.documents and not any(document.usable for document in book.documents):
            problem = book.documents[0].problem
            raise MigratorError(
                f"none of {len(book.documents)} documents can be used; the first: {problem}",
                hint="check activecollab.files: they should be what ActiveCollab's API or export answered",
            )
        _fill_inbox(place, run_id)
        answer = answer_of(place, run_id, book, live)
        ended(place, run_id, answer.exit_code, answer.document)
    return answer


def _configured_documents(config: Config, base: Path) -> tuple[Path, ...]:
    """The files of the configuration; its default may be missing where ActiveCollab itself is read."""
    files = config.activecollab.files
    if not files:
        return ()
    try:
        return find_documents(files, base)
    except UsageError:
        # `init` writes the default into the file, where it counts as if nobody had named anything.
        untouched = {str(Path(glob.escape(str(base))) / each) for each in DEFAULT_FILES} | set(DEFAULT_FILES)
        if config.activecollab.url and set(files) <= untouched:
            return ()
        raise


def _read_files(place: Workplace, run_id: int, documents: Sequence[Path], base: Path, book: ReadBook) -> None:
    if not documents:
        return
    zone = ZoneInfo(place.config.activecollab.timezone)
    site = place.config.activecollab.url or ""
    # A day is over in some time zones before it is in UTC.
    today = place.clock.today() + timedelta(days=1)

    def known(name: str) -> bool:
        with reading(place.engine) as session:
            return source.was_read(session, name)

    with place.progress.phase("reading files", len(documents)) as bar, seldom_collected():
        for path in documents:
            for document in open_documents(path, base, timezone=zone, today=today, base_url=site, known=known):
                stage_document(place, run_id, document.name, document.readings, book, FILE_BATCHES)
            bar.advance(1)


def _read_server(place: Workplace, run_id: int, reach: Reach, book: ReadBook) -> LiveBook:
    client = connect_source(place)
    try:
        return read_live(place, client, run_id, reach, book)
    finally:
        client.close()
        remember_requests(place, client)


def _fill_inbox(place: Workplace, run_id: int) -> None:
    """What cannot be used waits for a person; what was corrected waits no more."""
    now = place.clock.now()
    with writing(place.engine) as session:
        rejects = source.list_rejects(session)
        items = (
            NewItem(
                kind=ItemKind.REJECTED,
                reason=HoldReason.REJECTED.value,
                message=each.message,
                source_id=each.source_id,
                place=str(each.origin),
                digest=digest([each.message]),
            )
            for each in rejects
        )
        inbox.sync_inbox(session, run_id, items, now)
        inbox.close_unseen(session, run_id, [ItemKind.REJECTED])
