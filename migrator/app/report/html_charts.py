"""The charts of the report: hours per month and person on both sides, coverage, differences by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from migrator.app.report import written
from migrator.app.report.drawing import Drawing, Look, Pair, columns, rows, shares, stacks
from migrator.app.report.wording import Wording
from migrator.core.actions import Word
from migrator.core.compare import DifferenceKind
from migrator.core.report.figures import Figures
from migrator.core.report.typed import shown
from migrator.core.tally import Tally

SIDES = ("ActiveCollab", "MOCO")
_MOST_COLUMNS = 36
_MOST_PEOPLE = 15
_NAME = 26
"""Characters of a name beside a bar."""

COVERAGE = (
    (Look.SOLID, "cover_in_moco", (Word.CREATED, Word.ADOPTED, Word.UPDATED, Word.UNCHANGED)),
    (Look.DOTTED, "cover_left_out", (Word.SKIPPED,)),
    (Look.HATCHED, "cover_waits", (Word.HELD, Word.CONFLICTS, Word.QUARANTINED, Word.REJECTED)),
    (Look.HOLLOW, "cover_pending", (Word.PENDING, Word.UNCLEAR)),
)
"""What has become of the records, in four groups; every word is in one of them."""


def months_drawing(figures: Figures, wording: Wording) -> Drawing:
    """Hours per month, quarter or year, whichever still fits, on both sides."""
    months = _by_month(figures)
    label, periods = _periods(months, wording)
    pairs = [_pair(name, *sums, wording) for name, sums in periods.items()]
    bars, labels, lines, height = columns(pairs, SIDES, 3_600, "{} h")
    table = tuple(_row(written.month(month, wording.language), *months[month], wording) for month in sorted(months))
    title = wording.say(f"chart_{label}")
    return Drawing(
        "chart-months",
        title,
        _describe(pairs, wording),
        960,
        height,
        bars,
        labels,
        lines,
        _head("col_month", wording),
        table,
    )


def people_drawing(figures: Figures, wording: Wording) -> Drawing:
    """Hours per person on both sides; those with the most by name, the others together."""
    people = sorted(figures.people, key=lambda person: (-person.sums.source_seconds, person.name))
    named = [
        (shown(person.name, figures.with_people, _NAME) or wording.say("no_person"), person.sums)
        for person in people[:_MOST_PEOPLE]
    ]
    amounts = [(name, sums.source_seconds, sums.target_seconds) for name, sums in named]
    if others := people[_MOST_PEOPLE:]:
        amounts.append(
            (
                wording.say("others", count=len(others)),
                sum(person.sums.source_seconds for person in others),
                sum(person.sums.target_seconds for person in others),
            )
        )
    pairs = [_pair(*each, wording) for each in amounts]
    bars, labels, height = rows(pairs, SIDES)
    table = tuple(_row(*each, wording) for each in amounts)
    title = wording.say("chart_people")
    return Drawing(
        "chart-people",
        title,
        _describe(pairs, wording),
        960,
        height,
        bars,
        labels,
        (),
        _head("col_person", wording),
        table,
    )


def coverage_drawing(words: Mapping[Word, Tally], wording: Wording) -> Drawing:
    """What share of ActiveCollab's hours is in MOCO, left out, waiting, or not moved yet."""
    found = []
    for look, key, members in COVERAGE:
        together = Tally()
        for word in members:
            together.merge(words.get(word, Tally()))
        found.append((look, wording.say(key), together))
    whole = sum(tally.seconds for _, _, tally in found)
    table = tuple(
        (
            name,
            written.number(tally.records, wording.language),
            written.hours(tally.seconds, wording.language),
            written.share(tally.seconds, whole, wording.language),
        )
        for _, name, tally in found
    )
    parts = [
        (look, tally.seconds, f"{name}: {hours} h, {share} ({wording.say('records', count=tally.records)})")
        for (look, name, tally), (_, _, hours, share) in zip(found, table, strict=True)
    ]
    bars, labels, height = shares(parts)
    head = tuple(wording.say(key) for key in ("outcome", "col_records", "col_hours", "col_share"))
    description = "; ".join(text for _, _, text in parts)
    return Drawing(
        "chart-coverage", wording.say("chart_coverage"), description, 960, height, bars, labels, (), head, table
    )


def kinds_drawing(figures: Figures, wording: Wording) -> Drawing:
    """How many records differ in which way, explained and not."""
    found, table = [], []
    for kind in DifferenceKind:
        tally = figures.differences.get(kind, Tally())
        if not tally.records:
            continue
        open_ones = figures.unexplained.get(kind, Tally()).records
        name = wording.term(kind)
        hours = written.hours(tally.seconds, wording.language)
        counted = wording.say("records", count=tally.records)
        found.append((name, open_ones, tally.records - open_ones, f"{counted}, {hours} h"))
        numbers = (open_ones, tally.records - open_ones)
        table.append((name, *(written.number(each, wording.language) for each in numbers), hours))
    bars, labels, height = stacks(found, (wording.say("unexplained"), wording.say("explained")))
    head = tuple(wording.say(key) for key in ("col_kind", "unexplained", "explained", "col_hours"))
    description = "; ".join(f"{name}: {text}" for name, _, _, text in found)
    return Drawing(
        "chart-kinds", wording.say("chart_kinds"), description, 960, height, bars, labels, (), head, tuple(table)
    )


def _by_month(figures: Figures) -> dict[date, tuple[int, int]]:
    months: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for customer in figures.customers:
        for project in customer.projects:
            for each in project.months:
                source, target = months[each.month]
                months[each.month] = source + each.sums.source_seconds, target + each.sums.target_seconds
    return dict(months)


def _periods(months: Mapping[date, tuple[int, int]], wording: Wording) -> tuple[str, dict[str, tuple[int, int]]]:
    """The months gathered until they fit: which text names them, and their sums by label in the order of time."""
    ways: Sequence[tuple[str, Callable[[date], str]]] = (
        ("months", lambda month: f"{written.month(month, wording.language).split()[0][:3]} {month.year % 100:02}"),
        ("quarters", lambda month: f"{wording.say('quarter')}{(month.month + 2) // 3} {month.year}"),
        ("years", lambda month: f"{month.year}"),
    )
    for name, label in ways:
        gathered: dict[str, tuple[int, int]] = {}
        for month in _unbroken(months):
            source, target = gathered.get(label(month), (0, 0))
            more = months.get(month, (0, 0))
            gathered[label(month)] = source + more[0], target + more[1]
        if len(gathered) <= _MOST_COLUMNS or name == "years":
            return name, gathered
    raise AssertionError("years are the last way")


def _unbroken(months: Mapping[date, tuple[int, int]]) -> list[date]:
    """Every month from the first to the last, so that a gap is seen as one."""
    if not months:
        return []
    first, last = min(months), max(months)
    places = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(place // 12, place % 12 + 1, 1) for place in places]


def _pair(label: str, source: int, target: int, wording: Wording) -> Pair:
    first, second = (f"{written.hours(seconds, wording.language)} h" for seconds in (source, target))
    return Pair(label, source, target, first, second)


def _row(label: str, source: int, target: int, wording: Wording) -> tuple[str, ...]:
    language = wording.language
    apart = written.change(target - source, language)
    return label, written.hours(source, language), written.hours(target, language), apart


def _head(first: str, wording: Wording) -> tuple[str, ...]:
    return tuple(wording.say(key) for key in (first, "col_source", "col_target", "col_apart"))


def _describe(pairs: Sequence[Pair], wording: Wording) -> str:
    if not pairs:
        return wording.say("no_records")
    most = max(pairs, key=lambda pair: pair.first)
    apart = sum(1 for pair in pairs if pair.first != pair.second)
    return wording.say(
        "chart_description",
        count=len(pairs),
        most=most.label,
        source=most.first_text,
        target=most.second_text,
        apart=apart,
    )
