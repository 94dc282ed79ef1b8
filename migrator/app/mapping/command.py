"""`map`: the round trip of the mapping, from suggestions through a spreadsheet to a version in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.config import moco_problems
from migrator.app.mapping.check import Checker, lines_of, without_exact
from migrator.app.mapping.cover import Cover, in_force, measure
from migrator.app.mapping.csv_file import Line, Problem, read_sheet, write_sheet
from migrator.app.mapping.sheet import Suggester, cells
from migrator.app.mapping.sides import Sides, load_sides
from migrator.app.mapping.text import (
    coverage_document,
    coverage_lines,
    coverage_sentence,
    suggestion_documents,
    suggestion_lines,
)
from migrator.app.operator import operator
from migrator.app.wiring import Workplace
from migrator.core.mapping import Mapping, MapRow
from migrator.errors import ExitCode, UsageError
from migrator.store.engine import reading, writing
from migrator.store.mapping import load_mapping, save_mapping


def suggest(place: Workplace) -> Answer:
    """Measure the mapping in force and propose targets for what it leaves open; reads MOCO when it is configured."""
    sides = load_sides(place, refresh=True)
    explicit = _stored(place)
    cover = _cover(place, explicit, sides)
    _require_time(cover)
    suggester = Suggester(place.config, explicit, sides)
    lacking = sorted(cover.lacking.items(), key=lambda pair: (-pair[1], pair[0][0].value, pair[0][1]))
    suggestions = [suggester.one(thing, cover) for thing, _ in lacking]
    verdict = coverage_sentence(cover)
    document = coverage_document("suggest", explicit.version, cover, verdict, ExitCode.DONE)
    document["unmapped"] = suggestion_documents(suggestions, sides)
    lines = [verdict, *coverage_lines(cover), *suggestion_lines(suggestions, sides)]
    if moco_problems(place.config):
        lines.append("MOCO is not configured; this compares with what was read of it last.")
    if suggestions:
        lines.append("Next: `migrator map export -o map.csv`, fill in the column action, `migrator map apply map.csv`.")
    return Answer("\n".join(lines), document)


def export(place: Workplace, path: Path) -> Answer:
    """Write everything that can be decided into a CSV file; what is there already is kept as `FILE.bak`."""
    sides = load_sides(place, refresh=False)
    explicit = _stored(place)
    cover = _cover(place, explicit, sides)
    _require_time(cover)
    suggestions = Suggester(place.config, explicit, sides).all(cover)
    _write(path, write_sheet(cells(suggestions, sides)))
    empty = sum(each.row is None for each in suggestions)
    verdict = coverage_sentence(cover)
    document = coverage_document("export", explicit.version, cover, verdict, ExitCode.DONE)
    document |= {"file": str(path), "rows": len(suggestions), "rows_without_action": empty}
    written = f"{path}: {len(suggestions):,} rows written, {empty:,} of them without an action."
    return Answer("\n".join([written, verdict]), document)


def check(place: Workplace, path: Path | None) -> Answer:
    """Check a CSV file, or the mapping in force against what both sides have now; all problems at once."""
    checked = _checked(place, path)
    if checked.problems:
        return _refusal("check", checked)
    verdict = coverage_sentence(checked.cover)
    document = coverage_document("check", checked.stored.version, checked.cover, verdict, ExitCode.DONE)
    document |= {"rows": len(checked.rows), "problems": [], "warnings": list(checked.warnings)}
    lines = [verdict, *coverage_lines(checked.cover), *checked.warnings]
    return Answer("\n".join(lines), document)


def apply(place: Workplace, path: Path) -> Answer:
    """Put the decisions of a CSV file into force as a new version, unless they are in force already.

    The file replaces the mapping: what it does not decide is left to exact matches again.
    """
    checked = _checked(place, path)
    if checked.problems:
        return _refusal("apply", checked)
    with writing(place.engine) as session:
        before = load_mapping(session)
        after = Mapping.of(before.version, checked.rows)
        is_new = after.rows != before.rows
        now = place.clock.now()
        version = save_mapping(session, checked.rows, path.name, now, operator()) if is_new else before.version
    verdict = coverage_sentence(checked.cover)
    document = coverage_document("apply", version, checked.cover, verdict, ExitCode.DONE)
    document |= {"rows": len(checked.rows), "is_new": is_new, "warnings": list(checked.warnings)}
    told = _changes(version, before, after) if is_new else _no_change(version)
    lines = [told, verdict, *coverage_lines(checked.cover), *checked.warnings]
    return Answer("\n".join(lines), document)


# -- checking ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found in a file or a stored version; `cover` is measured only without problems."""

    stored: Mapping
    rows: tuple[MapRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    cover: Cover


def _checked(place: Workplace, path: Path | None) -> _Checked:
    sides = load_sides(place, refresh=False)
    stored = _stored(place)
    lines, problems = _lines(stored, path)
    checker = Checker(sides)
    rows = checker.check(lines)
    problems += checker.problems
    if problems:
        return _Checked(stored, (), problems, (), Cover())
    if place.config.mapping.accept_exact:
        rows = without_exact(rows, sides)
    cover = _cover(place, Mapping.of(stored.version, rows), sides)
    return _Checked(stored, rows, (), _warnings(rows, cover, sides), cover)


def _lines(stored: Mapping, path: Path | None) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    if path is None:
        return lines_of(stored), ()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: the mapping cannot be read: {error.strerror}",
            hint="Name the file that `migrator map export -o FILE` wrote.",
        ) from error
    sheet = read_sheet(content, str(path))
    return sheet.lines, sheet.problems


def _warnings(rows: Sequence[MapRow], cover: Cover, sides: Sides) -> tuple[str, ...]:
    """Things that may be typing errors: ids that were not read from ActiveCollab."""
    unknown = [
        f"{row.kind.value} {row.source_id}"
        for row in rows
        if (row.kind, row.source_id) not in cover.things and not sides.is_known(row.kind, row.source_id)
    ]
    if not unknown:
        return ()
    more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
    return (f"Not read from ActiveCollab so far: {', '.join(unknown[:5])}{more}. Are these ids right?",)


def _refusal(command: str, checked: _Checked) -> Answer:
    count = len(checked.problems)
    verdict = f"{count} {'problem' if count == 1 else 'problems'} found; nothing was changed."
    document: dict[str, object] = {
        "schema": "migrator.map/1",
        "command": command,
        "mapping_version": checked.stored.version,
        "verdict": verdict,
        "problems": [
            {
                "where": each.where,
                "column": each.column,
                "value": each.value,
                "expected": each.expected,
                "remedy": each.remedy,
            }
            for each in checked.problems
        ],
        "exit_code": int(ExitCode.USAGE),
    }
    return Answer("\n".join([*map(str, checked.problems), verdict]), document, ExitCode.USAGE)


# -- the mapping and its measure -----------------------------------------------------------------------------------


def _stored(place: Workplace) -> Mapping:
    with reading(place.engine) as session:
        return load_mapping(session)


def _cover(place: Workplace, explicit: Mapping, sides: Sides) -> Cover:
    with reading(place.engine) as session:
        return measure(session, place.config, in_force(place.config, explicit, sides), sides)


def _require_time(cover: Cover) -> None:
    if not cover.things:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")


def _changes(version: int, before: Mapping, after: Mapping) -> str:
    added = len(after.rows.keys() - before.rows.keys())
    removed = len(before.rows.keys() - after.rows.keys())
    changed = sum(before.rows[thing] != row for thing, row in after.rows.items() if thing in before.rows)
    return (
        f"Mapping version {version} is in force: {len(after.rows):,} decisions "
        f"({added:,} added, {changed:,} changed, {removed:,} removed)."
    )


def _no_change(version: int) -> str:
    if version == 0:
        return "The file decides nothing beyond exact matches: no version was stored."
    return f"The file says what mapping version {version} says already: no new version."


def _write(path: Path, content: bytes) -> None:
    """Put the file in place whole; somebody's edits in an older one stay beside it."""
    fresh = path.with_name(path.name + ".new")
    try:
        # It names people: for its owner only.
        fresh.touch(mode=0o600)
        fresh.write_bytes(content)
        if path.exists() and path.read_bytes() != content:
            path.replace(path.with_name(path.name + ".bak"))
        fresh.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path}: the mapping cannot be written: {error.strerror}",
            hint="Name a file in a folder that exists and can be written to.",
        ) from error
