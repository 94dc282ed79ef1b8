"""`report`: the controller's report, made from the database alone; writes nothing to MOCO and asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from migrator import __version__
from migrator.app.answer import Answer
from migrator.app.operator import operator
from migrator.app.report import facts
from migrator.app.report.csv_files import write_csv
from migrator.app.report.gather import Gathered, Scope, gather
from migrator.app.report.html import write_html
from migrator.app.report.json import report_json
from migrator.app.report.json_text import write_json
from migrator.app.report.publishing import publish, workshop
from migrator.app.report.scope import About, RunName, about
from migrator.app.report.spool import Spool
from migrator.app.report.wording import Language
from migrator.app.report.xlsx import write_xlsx
from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.report.figures import Agreement, Figures
from migrator.core.report.line import Lines
from migrator.core.report.totals import merged
from migrator.core.report.verdict import Proofs, agreement
from migrator.errors import ExitCode, UsageError
from migrator.store import mapping as stored_mapping
from migrator.store import reports, target, totals
from migrator.store.engine import reading, writing
from migrator.store.reports import Aside

Renderer = Callable[[Path, Figures, Lines, Language], list[Path]]


class Format(StrEnum):
    """The forms that a report is written in."""

    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


RENDERERS: Mapping[Format, Renderer] = {
    Format.HTML: write_html,
    Format.XLSX: write_xlsx,
    Format.CSV: write_csv,
}
"""Who writes which form; JSON is always made, because the fingerprint is about it."""

EXIT_CODES = {
    Agreement.AGREE: ExitCode.DONE,
    Agreement.AGREE_BUT: ExitCode.NEEDS_A_PERSON,
    Agreement.DIFFER: ExitCode.DIFFERENCES,
    Agreement.UNPROVED: ExitCode.DIFFERENCES,
}
"""What a script gets: a report that proves nothing is no better than one with differences."""


@dataclass(frozen=True, slots=True)
class ReportWords:
    """The arguments and options of `report`; without `as_of` it is today in the time zone of the schedule."""

    directory: Path
    run: RunName = None
    formats: tuple[Format, ...] = tuple(Format)
    language: Language = Language.EN
    as_of: date | None = None
    fiscal_year_start: int = 1
    with_people: bool = False


def parse_formats(names: Iterable[str]) -> tuple[Format, ...]:
    """Names parted by commas, however often the option was given; all forms without any.

    Raises `UsageError` for a name that is none.
    """
    wanted = dict.fromkeys(part.strip().lower() for name in names for part in name.split(",") if part.strip())
    unknown = [name for name in wanted if name not in list(Format)]
    if unknown:
        known = ", ".join(Format)
        raise UsageError(f"option --format: {unknown[0]!r} is no form of a report; expected some of {known}")
    return tuple(Format(name) for name in wanted) or tuple(Format)


def make_report(place: Workplace, words: ReportWords) -> Answer:
    """Write the report on a run, or on everything.

    Raises `UsageError` when nothing was read yet, for a run that no report can be about, and for a directory that
    cannot be used; `TryAgainLater` when a run changes the books meanwhile.
    """
    now = place.clock.now()
    as_of = words.as_of or now.astimezone(ZoneInfo(place.config.schedule.timezone)).date()
    with reading(place.engine) as session:
        subject = about(session, words.run)
        staged = totals.source_totals(session)
    if staged.records == 0 and staged.rejects_without_key == 0:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")
    scope = Scope(subject.run.id, subject.selection, as_of, words.fiscal_year_start, now)
    with workshop(words.directory) as folder, Spool() as spool:
        figures, document = compute(place, subject, scope, spool, with_people=words.with_people)
        files = write_json(folder, document) if Format.JSON in words.formats else []
        for form, write in RENDERERS.items():
            files += write(folder, figures, spool, words.language) if form in words.formats else []
        published = publish(folder, files, words.directory)
    _remember(place, figures, words.directory)
    return _answer(figures, published)


def compute(
    place: Workplace, subject: About, scope: Scope, spool: Spool, *, with_people: bool
) -> tuple[Figures, dict[str, object]]:
    """The figures of a report and its JSON document; its lines are in the spool. Writes nothing.

    Raises as `make_report` does.
    """
    gathered = gather(place, scope, spool)
    figures = _figures(place, subject, scope, gathered, with_people=with_people)
    document = report_json(figures, spool)
    return replace(figures, fingerprint=str(document["fingerprint"])), document


def _figures(place: Workplace, subject: About, scope: Scope, gathered: Gathered, *, with_people: bool) -> Figures:
    customers = gathered.totals.customers()
    found = gathered.found
    with reading(place.engine) as session:
        first, last = _days(found.first_day, found.last_day, *target.marked_days(session), about=subject)
        seen = reports.seen(session, first, last)
        extract = reports.extract(session)
        control = facts.control(session)
        proofs = Proofs(
            seen=seen.since_last_write,
            source_whole=extract.problems == 0,
            control_met=control.agrees if control is not None and not control.outdated else None,
            closed=gathered.closed,
            waits=any(tally.records for tally in gathered.exceptions.values()),
            books_differ=reports.last_differing(session, Aside.BOOKS) > 0,
            presences_differ=reports.last_differing(session, Aside.PRESENCES) > 0,
        )
        verdict, reasons = agreement(found, proofs)
        rows = stored_mapping.load_mapping(session).rows
        return Figures(
            made_at=scope.now,
            made_by=operator(),
            version=__version__,
            agreement=verdict,
            reasons=reasons,
            run=facts.run_facts(subject.run),
            first_day=found.first_day,
            last_day=found.last_day,
            as_of=scope.as_of,
            source=facts.source_system(place, extract),
            target=facts.target_system(place, seen),
            words=found.words,
            totals=merged(each.sums for each in customers),
            customers=customers,
            people=gathered.people.rows(gathered.names.emails),
            differences=found.differences,
            unexplained=found.unexplained,
            exceptions=gathered.exceptions,
            open_hours=gathered.open_hours.rows(),
            status_years=gathered.years.rows(),
            stand_ins=facts.stand_ins(session, gathered, {row.source_id: row.note for row in rows.values()}),
            beside=facts.beside(session, gathered),
            outside=facts.outside(session),
            left_out=found.left_out,
            decisions=facts.decisions(session),
            control=control,
            ledger=gathered.ledger.close(),
            mapping=facts.mapping_facts(session),
            before=facts.before(reports.reports_before(session), subject.plan, customers),
            with_people=with_people,
            unexplained_seconds=found.unexplained_seconds,
            unplaced=gathered.unplaced,
            plan=subject.plan,
        )


def _days(*days: date | None, about: About) -> tuple[date | None, date | None]:
    """The days that must have been listed: those with anything of either side, or of the selected records."""
    told = [day for day in (days if about.selection.is_whole else days[:2]) if day is not None]
    return min(told, default=None), max(told, default=None)


def _remember(place: Workplace, figures: Figures, directory: Path) -> None:
    with writing(place.engine) as session:
        reports.save_report(
            session,
            run_id=figures.run.id,
            made_at=figures.made_at,
            made_by=figures.made_by,
            fingerprint=figures.fingerprint,
            verdict=figures.agreement.value,
            directory=str(directory),
            totals=facts.totals_json(figures.plan, figures.totals.records, figures.customers),
        )


_TOLD = {
    Agreement.AGREE: "The books agree.",
    Agreement.AGREE_BUT: "The books agree, but not everything is done.",
    Agreement.DIFFER: "The books do not agree.",
    Agreement.UNPROVED: "The books are not proved.",
}
_REASONS = {
    "differences": "there are differences that nothing explains",
    "unexplained_seconds": "seconds are left that no rule explains",
    "control_missed": "ActiveCollab's own totals say otherwise than what was read",
    "target_not_closed": "MOCO holds time of ours that belongs to no line of the report",
    "moco_books_differ": "MOCO's own books of projects differ: see `migrator verify --full`",
    "presences_differ": "the presences differ: see `migrator verify`",
    "not_verified_since_write": "MOCO was not listed whole since the last write: run `migrator verify`",
    "source_not_whole": "ActiveCollab was not read whole: run `migrator read`",
    "waits": "records wait for a person: see `migrator inbox list`",
    "pending": "records wait for the next run",
}


_NAMED = 12
"""Files that the answer names; a large report has hundreds, one for each project."""


def _answer(figures: Figures, files: Iterable[Path]) -> Answer:
    sums = figures.totals
    because = "; ".join(_REASONS[code] for code in figures.reasons)
    part = f"Only the records of plan {figures.plan}: " if figures.plan is not None else ""
    verdict = (
        f"{part}{_TOLD[figures.agreement]} {sums.records:,} records, "
        f"{format_hours(sums.source_seconds)} h in ActiveCollab, "
        f"{format_hours(sums.target_seconds)} h in MOCO; {figures.unexplained_seconds:,} seconds unexplained."
    )
    code = EXIT_CODES[figures.agreement]
    paths = [str(file) for file in files]
    document: dict[str, object] = {
        "schema": "migrator.report.answer/1",
        "run": figures.run.id,
        "verdict": verdict,
        "agreement": figures.agreement.value,
        "reasons": list(figures.reasons),
        "plan": figures.plan,
        "files": paths,
        "fingerprint": figures.fingerprint,
        "exit_code": int(code),
    }
    lines = [verdict, *([f"  {because[0].upper()}{because[1:]}."] if because else [])]
    # The pages of single projects and long lists come behind what leads to them.
    named = sorted(paths, key=lambda path: not Path(path).name.startswith("report."))
    lines += [f"  {path}" for path in named[:_NAMED]]
    if len(paths) > _NAMED:
        lines.append(f"  … and {len(paths) - _NAMED:,} more files beside them; all of them belong together")
    lines.append(f"Fingerprint {figures.fingerprint}")
    return Answer("\n".join(lines), document, code)
