"""The frame of every HTML page: one self-contained file in one language, whose typed texts are harmless."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from migrator.app.report import written
from migrator.app.report.wording import Language, Wording
from migrator.core.model import Billing
from migrator.core.report.line import Rule, TargetState
from migrator.core.report.typed import shown, web_address

Matrix = Mapping[tuple[Billing | None, TargetState], int]
"""Seconds by status in ActiveCollab and how MOCO holds them."""

_SHORT = 120
"""Characters of a name in a table; the spreadsheet has all of it."""


class Frame:
    """Templates of this package in one language; whatever a template writes is escaped, and made harmless before.

    `with_people` lets e-mail addresses through. Templates find `say`, `term`, `reason` and `disposition` (`Wording`),
    the filters of `_filters`, and what they are given; what is undefined raises.
    """

    def __init__(self, language: Language, with_people: bool) -> None:
        self.language = language
        self._with_people = with_people
        self._wording = Wording(language)
        self._jinja = Environment(
            loader=PackageLoader("migrator.app.report"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=self._harmless,
        )
        style = _text_of("style.css")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._jinja.globals.update(
            language=language.value,
            style=Markup(style),  # noqa: S704 - our own file
            # Nothing is loaded, run or sent; the style is named by its digest, so that no other one counts.
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            say=self._say,
            term=self._term,
            reason=self._reason,
            disposition=self._wording.disposition,
        )
        self._jinja.filters.update(self._filters())

    def write(self, path: Path, template: str, values: Mapping[str, object]) -> None:
        """Write one page piece by piece, so that a long one never lies in memory."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(self._jinja.get_template(template).generate(**values))

    def _harmless(self, value: object) -> object:
        """Whatever a template writes: text that is not our own is made harmless, here and nowhere else."""
        return shown(value, self._with_people) if isinstance(value, str) and not isinstance(value, Markup) else value

    def _say(self, key: str, **values: object) -> Markup:
        return escape(self._wording.say(key, **{name: self._harmless(value) for name, value in values.items()}))

    def _term(self, value: Enum | str) -> str:
        return self._wording.term(value)

    def _reason(self, code: str) -> Markup | str:
        known = self._wording.reason(code)
        return known if known == code else escape(known)

    def _filters(self) -> dict[str, Any]:  # Any: Jinja takes any callable
        def number(value: int | Decimal) -> str:
            return written.number(value, self.language)

        def number_change(value: int) -> str:
            return f"+{number(value)}" if value > 0 else number(value)

        def amount(value: Decimal) -> str:
            return written.amount(value, self.language)

        def hours(seconds: int) -> str:
            return written.hours(seconds, self.language)

        def change(seconds: int) -> str:
            return written.change(seconds, self.language)

        def change_in_hours(seconds: int) -> str:
            return written.change_in_hours(seconds, self.language)

        def share(part: int, whole: int) -> str:
            return written.share(part, whole, self.language)

        def day(value: date) -> str:
            return written.day(value, self.language)

        def month(value: date) -> str:
            return written.month(value, self.language)

        def short_month(value: date) -> str:
            return written.short_month(value, self.language)

        def span(begun: datetime, ended: datetime | None) -> str:
            return written.span(begun, ended, self.language)

        def moment(value: datetime) -> str:
            return written.moment(value, self.language)

        def groups(digest: str) -> str:
            return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))

        def short(text: str) -> str:
            return shown(text, self._with_people, _SHORT)

        def web(url: str) -> Markup:
            return escape(web_address(url, self._with_people))

        def reasons_apart(apart: Mapping[Rule, int]) -> list[tuple[Rule, int]]:
            return [(rule, apart[rule]) for rule in Rule if apart.get(rule)]

        def row_sum(seconds: Matrix, billing: Billing | None) -> int:
            return sum(amount for (row, _), amount in seconds.items() if row is billing)

        def column_sum(seconds: Matrix, state: TargetState) -> int:
            return sum(amount for (_, column), amount in seconds.items() if column is state)

        own = (
            reasons_apart,
            row_sum,
            column_sum,
            number,
            number_change,
            amount,
            hours,
            change,
            change_in_hours,
            share,
            day,
            month,
            short_month,
            span,
            moment,
            short,
            groups,
            web,
        )
        shared = (written.clock, written.clock_change)
        return {each.__name__: each for each in (*own, *shared)}


def _text_of(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
