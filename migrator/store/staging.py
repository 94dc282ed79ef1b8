"""What becomes of each copy of a time record that is read: the rules, without the database.

Within one run a newer `updated_on`, then a higher `version` wins, and two copies of equal or unknown age that
differ reject the record. Against an earlier run a document replaces its own copy, and a copy of unknown age
from another document replaces too, because it was read later.

Lists of a running ActiveCollab are one source: whatever it shows now replaces what it showed before, in this run
or an earlier one, because a record can move from one list to another without becoming newer. Against a saved file
a live copy wins unless the file's is newer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import Enum

from migrator.core.model import Origin, Rejected, Seconds, SourceId
from migrator.store.rows import Row

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Age(Enum):
    """How old one copy is against another."""

    OLDER = "older"
    SAME = "same"
    NEWER = "newer"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class StageCounts:
    """What staging did: a key counts once as new, changed or unchanged, a further copy as one of the rest."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    """Of the changed ones, those that are in another project now."""
    superseded: int = 0
    conflicting: int = 0
    rejected: int = 0

    def add(self, other: StageCounts) -> None:
        """Add what another part of the reading did."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(slots=True)
class StagedReject:
    """A copy that cannot be used; `row_id` is None while it is not stored."""

    value: Rejected
    read_run: int
    row_id: int | None = None


@dataclass(slots=True)
class Staged:
    """All that is staged of one key, and what has to be stored again."""

    source_id: SourceId
    row: Row | None = None
    read_run: int = 0
    changed_run: int = 0
    rejected: str = ""
    rejects: list[StagedReject] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    """Numbers of stored rejects that a newer good copy outdated."""
    dirty: bool = False
    seen: bool = False

    def take(self, copy: Row, run_id: int, counts: StageCounts) -> None:
        """A copy that was read whole arrives."""
        if self.row is None:
            counts.new += 1
            self._replace(copy, run_id)
        elif _is_live(copy) or _is_live(self.row):
            self._take_live(copy, self.row, run_id, counts)
        elif self.read_run == run_id:
            self._take_again(copy, self.row, run_id, counts)
        else:
            self._take_first(copy, self.row, run_id, counts)
        self._judge(run_id)

    def reject(self, rejected: Rejected, run_id: int) -> None:
        """A copy that cannot be used arrives."""
        self.rejects.append(StagedReject(rejected, run_id))
        self._judge(run_id)

    def _take_live(self, copy: Row, present: Row, run_id: int, counts: StageCounts) -> None:
        """A copy that a running ActiveCollab showed arrives, or one from a file against such a copy."""
        age = compare(age_of(copy), age_of(present))
        if self._contradicts(copy, present, run_id, age):
            self._conflict(copy, present, run_id, counts)
        elif _is_live(copy) and _is_live(present):
            if self.read_run == run_id and age is Age.OLDER:
                counts.superseded += 1
            else:
                self._take_over(copy, present, run_id, counts)
        elif _wins(copy, age):
            self._take_over(copy, present, run_id, counts)
        else:
            counts.superseded += 1

    def _take_over(self, copy: Row, present: Row, run_id: int, counts: StageCounts) -> None:
        """A copy that replaces the staged one, whatever their ages."""
        same_content = copy["content_hash"] == present["content_hash"]
        if self.read_run != run_id:
            counts.unchanged += same_content
            counts.changed += not same_content
            counts.moved += copy["project_id"] != present["project_id"]
            self._replace(copy, run_id)
        else:
            counts.superseded += 1
            if not same_content and self.changed_run != run_id:
                # The copy that is now superseded counted as unchanged.
                counts.unchanged -= 1
                counts.changed += 1
                counts.moved += copy["project_id"] != present["project_id"]
            self._replace(copy, run_id)

    def _contradicts(self, copy: Row, present: Row, run_id: int, age: Age) -> bool:
        """Whether one answer shows the same record twice, and not the same."""
        same_answer = self.read_run == run_id and copy["document"] == present["document"]
        twice = same_answer and copy["line"] != present["line"]
        return twice and age in {Age.SAME, Age.UNKNOWN} and copy["content_hash"] != present["content_hash"]

    def _take_first(self, copy: Row, present: Row, run_id: int, counts: StageCounts) -> None:
        """The first usable copy of this run, against one of an earlier run."""
        same_document = copy["document"] == present["document"]
        age = compare(age_of(copy), age_of(present))
        same_content = copy["content_hash"] == present["content_hash"]
        if not same_document and age is Age.OLDER:
            counts.superseded += 1
        elif not same_document and age is Age.SAME and not same_content:
            self._conflict(copy, present, run_id, counts)
        else:
            counts.unchanged += same_content
            counts.changed += not same_content
            if same_document or age is not Age.SAME:
                self._replace(copy, run_id)
            self._see(run_id)

    def _take_again(self, copy: Row, present: Row, run_id: int, counts: StageCounts) -> None:
        """A further copy in the same run."""
        age = compare(age_of(copy), age_of(present))
        same_content = copy["content_hash"] == present["content_hash"]
        if _place(copy) == _place(present):
            # An interrupted reading that goes on under its run number.
            counts.unchanged += 1
            self._replace(copy, run_id)
        elif age is Age.NEWER:
            counts.superseded += 1
            if not same_content and self.changed_run != run_id:
                # The copy that is now superseded counted as unchanged.
                counts.unchanged -= 1
                counts.changed += 1
            self._replace(copy, run_id)
        elif age is Age.OLDER or same_content:
            counts.superseded += 1
        else:
            self._conflict(copy, present, run_id, counts)

    def _replace(self, copy: Row, run_id: int) -> None:
        present = self.row
        if present is None or not _same_reading(copy, present):
            self._drop_outdated(copy, run_id)
        if present is None or copy["content_hash"] != present["content_hash"]:
            self.changed_run = run_id
        self.dirty = self.dirty or copy != present
        self.row = copy
        self._see(run_id)

    def _see(self, run_id: int) -> None:
        # A reading that began later may have seen it meanwhile; what it saw is not taken back.
        self.seen = self.seen or self.read_run < run_id
        self.read_run = max(self.read_run, run_id)

    def _drop_outdated(self, copy: Row, run_id: int) -> None:
        kept = []
        for reject in self.rejects:
            age = compare(age_of_reject(reject.value), age_of(copy))
            outdated = age is Age.OLDER if reject.read_run == run_id else age is not Age.NEWER
            if not outdated:
                kept.append(reject)
            elif reject.row_id is not None:
                self.dropped.append(reject.row_id)
        self.rejects = kept

    def _conflict(self, copy: Row, present: Row, run_id: int, counts: StageCounts) -> None:
        counts.conflicting += 1
        self.rejects.append(StagedReject(_contradiction(self.source_id, copy, present), run_id))

    def _judge(self, run_id: int) -> None:
        """A rejected copy that is not older than the staged one rejects the record."""
        if self.row is None:
            return
        age = age_of(self.row)
        standing = [r for r in self.rejects if compare(age_of_reject(r.value), age) is not Age.OLDER]
        message = max(standing, key=_youth).value.message if standing else ""
        if message != self.rejected:
            self.rejected = message
            self.changed_run = run_id
            self.dirty = True


AgeParts = tuple[datetime | None, int | None]
"""`updated_on` and `version`, where known."""


def age_of(copy: Row) -> AgeParts:
    """What tells the age of a staged row."""
    updated_on, version = copy["updated_on"], copy["version"]
    assert updated_on is None or isinstance(updated_on, datetime)
    assert version is None or isinstance(version, int)
    return updated_on, version


def age_of_reject(rejected: Rejected) -> AgeParts:
    """What tells the age of a copy that cannot be used."""
    return rejected.updated_on, rejected.version


def compare(one: AgeParts, other: AgeParts) -> Age:
    """The age of `one` against `other`: by `updated_on`, then by `version`, as far as both know them."""
    known = False
    for mine, theirs in ((one[0], other[0]), (one[1], other[1])):
        if mine is None or theirs is None:
            continue
        known = True
        if mine != theirs:
            # Both are times or both are numbers; the type checker cannot see the pairing.
            return Age.NEWER if mine > theirs else Age.OLDER  # type: ignore[operator]
    return Age.SAME if known else Age.UNKNOWN


def _youth(reject: StagedReject) -> tuple[datetime, int, str, int]:
    """Sorts the newest last, whatever the order of reading."""
    value = reject.value
    updated_on = value.updated_on if value.updated_on is not None else _LONG_AGO
    version = value.version if value.version is not None else -1
    return updated_on, version, value.origin.document, value.origin.line


def _is_live(copy: Row) -> bool:
    return _place(copy).live


def _wins(copy: Row, age: Age) -> bool:
    """Whether a copy replaces one of the other kind, a file's or a live one: the newer, in doubt the live one."""
    return age is Age.NEWER or (age is not Age.OLDER and _is_live(copy))


def _place(copy: Row) -> Origin:
    document, line = copy["document"], copy["line"]
    assert isinstance(document, str)
    assert isinstance(line, int)
    return Origin(document, line)


def _same_reading(copy: Row, present: Row) -> bool:
    """Whether the same document says the same again; that outdates nothing."""
    names = ("document", "content_hash", "updated_on", "version")
    return all(copy[name] == present[name] for name in names)


def _contradiction(source_id: SourceId, copy: Row, present: Row) -> Rejected:
    seconds = copy["seconds"]
    assert isinstance(seconds, int)
    updated_on, version = age_of(copy)
    return Rejected(
        origin=_place(copy),
        source_id=source_id,
        field="copy",
        value=_outline(copy),
        expected=f"the same as at {_place(present)} ({_outline(present)}), or a newer date of change",
        seconds=Seconds(seconds),
        updated_on=updated_on,
        version=version,
    )


def _outline(copy: Row) -> str:
    day = copy["day"]
    assert isinstance(day, date)
    return f"{day.isoformat()}, {copy['seconds']} s"
