"""What changed between two reports, figure by figure. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from migrator.core.actions import Word

_IN_MOCO = {word.value for word in (Word.CREATED, Word.ADOPTED, Word.UPDATED, Word.UNCHANGED)}
"""What one run created the next one finds unchanged: to a signature these are the same."""

Json = Mapping[str, Any]
_Figures = dict[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that is another one now; seconds, records, or a version.

    `level`: total, customer, project, month, word, difference, unexplained, mapping. `place` names it from the
    customer on. `figure` says what of it: records, source, target, or one of their parts.
    """

    level: str
    place: tuple[str, ...]
    figure: str
    then: int
    now: int

    @property
    def is_figure(self) -> bool:
        """Whether a signature is about it; the version of the mapping is told beside."""
        return self.level != "mapping"


def changes(then: Json, now: Json) -> list[Change]:
    """Everything that differs between the documents of two reports, totals first.

    Raises KeyError, TypeError or ValueError for a document that has not the shape of a report.
    """
    found: list[Change] = []
    for level, read in (("total", _total), ("customer", _customers), ("project", _projects), ("month", _months)):
        found += _differing(level, dict(read(then)), dict(read(now)))
    found += _differing("word", _words(then), _words(now))
    for level, name in (("difference", "counts"), ("unexplained", "unexplained")):
        found += _differing(level, _tallies(then["differences"][name]), _tallies(now["differences"][name]))
    found += _differing("mapping", _version(then), _version(now))
    return found


def _differing(level: str, then: _Figures, now: _Figures) -> Iterator[Change]:
    """Figures that are not the same; one that is not there is 0. The last part of a key names the figure."""
    for key in dict.fromkeys((*then, *now)):
        before, after = then.get(key, 0), now.get(key, 0)
        if before != after:
            yield Change(level, key[:-1], key[-1], before, after)


def _sums(place: tuple[str, ...], sums: Json) -> Iterator[tuple[tuple[str, ...], int]]:
    yield (*place, "records"), int(sums["records"])
    for side, parts in (("source", "by_status"), ("target", "by_state")):
        yield (*place, side), int(sums[side]["seconds"])
        for part, time in sums[side][parts].items():
            yield (*place, f"{side} {part}"), int(time["seconds"])


def _total(report: Json) -> Iterator[tuple[tuple[str, ...], int]]:
    yield from _sums((), report["totals"])
    yield ("unexplained seconds",), int(report["unexplained_seconds"])


def _customers(report: Json) -> Iterator[tuple[tuple[str, ...], int]]:
    for customer in report["customers"]:
        yield from _sums((str(customer["name"]),), customer)


def _projects(report: Json) -> Iterator[tuple[tuple[str, ...], int]]:
    for customer in report["customers"]:
        for project in customer["projects"]:
            yield from _sums(_place(customer, project), project)


def _months(report: Json) -> Iterator[tuple[tuple[str, ...], int]]:
    for customer in report["customers"]:
        for project in customer["projects"]:
            for month in project["months"]:
                yield from _sums((*_place(customer, project), str(month["month"])), month)


def _place(customer: Json, project: Json) -> tuple[str, ...]:
    """Two projects of one customer may have the same name."""
    return str(customer["name"]), f"{project['name']} (#{project['id']})"


def _tallies(tallies: Json) -> _Figures:
    return {
        (str(name), figure): int(tally[figure]) for name, tally in tallies.items() for figure in ("records", "seconds")
    }


def _version(report: Json) -> _Figures:
    return {("version",): int(report["mapping"]["version"])}


def _words(report: Json) -> _Figures:
    found: _Figures = {}
    for (word, figure), value in _tallies(report["words"]).items():
        key = ("in MOCO" if word in _IN_MOCO else word, figure)
        found[key] = found.get(key, 0) + value
    return found
