"""`init`: a commented configuration and an empty database."""

from __future__ import annotations

import os
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.config import example_toml, load
from migrator.app.secret import mask
from migrator.errors import ExitCode, UsageError
from migrator.store import schema
from migrator.store.engine import open_engine


def init(path: Path) -> Answer:
    """Write the configuration to `path`, readable by its owner only, and create the database it names.

    Raises `UsageError` when the file exists or its folder does not; nothing is ever overwritten.
    """
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists; it is left as it is",
            hint="edit it, or remove it first; the database is created by the first command that needs it.",
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(example_toml())
    database = load(path).database
    engine = open_engine(database.address)
    try:
        schema.ensure_ready(engine)
    finally:
        engine.dispose()
    lines = [
        f"wrote {path} (readable by you only)",
        f"created the database {mask(database.url)}",
        f"next: set activecollab.url or activecollab.files, moco.url and moco.api_key in {path}, then run "
        "`migrator config check`",
    ]
    document: dict[str, object] = {
        "schema": "migrator.init/1",
        "configuration": str(path.absolute()),
        "database": mask(database.url),
    }
    return Answer("\n".join(lines), document, ExitCode.DONE)
