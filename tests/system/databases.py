"""Where the product keeps its memory in the system tests: a file in each world's folder, or a PostgreSQL.

`pytest --database postgresql` runs the system tests again with the other one.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy

from tests.support.postgres import PostgresServer

FILE = "sqlite:///migrator.db"


class Databases(Protocol):
    """A database for each folder, and a copy of it that can be brought back."""

    def url(self, folder: Path) -> str:
        """The address of the folder's database, as its configuration names it."""
        ...

    def keep(self, folder: Path) -> None:
        """Copy it as it is."""
        ...

    def again(self, folder: Path) -> str:
        """Bring the copy back; gives its address."""
        ...


class Files:
    """One SQLite file in each folder."""

    def url(self, folder: Path) -> str:
        return FILE

    def keep(self, folder: Path) -> None:
        for path in folder.glob("migrator.db*"):
            shutil.copy(path, path.with_name(f"kept.{path.name}"))

    def again(self, folder: Path) -> str:
        for path in folder.glob("migrator.db*"):
            path.unlink()
        for path in folder.glob("kept.*"):
            shutil.copy(path, path.with_name(path.name.removeprefix("kept.")))
        return FILE


@dataclass(slots=True)
class OnServer:
    """One database for each folder on a PostgreSQL server, which goes with the tests."""

    server: PostgresServer
    used: dict[Path, str] = field(default_factory=dict)
    kept: dict[Path, str] = field(default_factory=dict)

    def url(self, folder: Path) -> str:
        if folder not in self.used:
            self.used[folder] = self.server.create()
        return self.used[folder]

    def keep(self, folder: Path) -> None:
        self.kept[folder] = self.server.create(self.used[folder])

    def again(self, folder: Path) -> str:
        self.server.drop(self.used[folder])
        self.used[folder] = self.server.create(self.kept[folder])
        return self.used[folder]


class Current:
    """The databases of this test run."""

    databases: Databases = Files()


def absolute(folder: Path) -> str:
    """The address of a folder's database, wherever it is named."""
    url = Current.databases.url(folder)
    return f"sqlite:///{folder / 'migrator.db'}" if url == FILE else url


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:  # Any: whatever the columns hold
    """The rows of a query in a folder's database, as nobody but a test would look; none before there are tables."""
    engine = sqlalchemy.create_engine(absolute(folder), poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        if not sqlalchemy.inspect(connection).has_table("intents"):
            return []
        return [tuple(row) for row in connection.execute(sqlalchemy.text(query))]
