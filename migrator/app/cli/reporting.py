"""`report`: what a controller signs."""

# ruff: noqa: PLC0415 (a command imports what it needs when it runs, so that --help is instant)

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame
from migrator.app.timespan import parse_day
from migrator.errors import UsageError

PANEL = "Migrate"


class ReportLanguage(StrEnum):
    """The languages of a report."""

    DE = "de"
    EN = "en"


def register(root: typer.Typer) -> None:
    """Add the command to `root`."""
    root.command(cls=Command, rich_help_panel=PANEL)(report)


def report(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("-o", metavar="DIR", help="Where the files go; made when missing.")],
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="A number, or last; without it everything.", show_default=False),
    ] = None,
    forms: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="html,xlsx,csv,json", help="Which files; all of them without it."),
    ] = None,
    language: Annotated[ReportLanguage, typer.Option("--lang", help="German or English.")] = ReportLanguage.EN,
    as_of: Annotated[
        date | None,
        typer.Option(parser=parse_day, metavar="DAY", help="Open hours up to this day; else today."),
    ] = None,
    fiscal_year_start: Annotated[
        int, typer.Option(metavar="MONTH", min=1, max=12, help="The month in which a fiscal year begins.")
    ] = 1,
    with_people: Annotated[bool, typer.Option("--with-people", help="Show e-mail addresses, too.")] = False,
) -> Answer:
    """Write the report that a controller signs, from the database alone. Exits 0, 3 or 4 by its verdict."""
    frame = Frame.of(context)
    from migrator.app.report.command import ReportWords, make_report, parse_formats
    from migrator.app.report.wording import Language

    words = ReportWords(
        directory,
        _run_name(run),
        parse_formats(forms or ()),
        Language(language.value),
        as_of,
        fiscal_year_start,
        with_people,
    )
    return make_report(frame.place(), words)


def _run_name(name: str | None) -> int | Literal["last"] | None:
    if name is None or name == "last":
        return None if name is None else "last"
    if not (name.isascii() and name.isdecimal()) or len(name) > 18:
        raise UsageError(f"{name!r} is no run; expected a number or last", hint="`migrator runs list` shows them")
    return int(name)
