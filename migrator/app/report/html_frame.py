"""The frame of every HTML page: one self-contained file in one language, whose typed texts are harmless."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from migrator.app.report import written
from migrator.app.report.html_rows import REMEMBERED, SHORT, row_filters
from migrator.app.report.wording import Language, Wording
from migrator.core.model import Billing
from migrator.core.report.line import Exceptional, RecordLine, Rule, TargetState
from migrator.core.report.typed import shown, web_address

Matrix = Mapping[tuple[Billing | None, TargetState], int]
"""Seconds by status in ActiveCollab and how MOCO holds them."""

_STAMP = re.compile(r"[\w ·…-]{1,120}")
_BREAK = Markup("<br>")


@lru_cache
def frame_of(language: Language, with_people: bool) -> Frame:
    """The frame for pages in `language`; `with_people` lets e-mail addresses through. Its templates are kept."""
    return Frame(language, with_people)


class Frame:
    """Templates of this package in one language; whatever a template writes is escaped, and made harmless before.

    Templates find what `_globals` and `_filters` name, and what they are given; what is undefined raises.
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
            # They are our own files, and do not change while we run.
            auto_reload=False,
        )
        text = (Path(__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
        self._style = Markup(text)  # noqa: S704 - our own file
        self._none = _soft(self._say("none"))
        self._project = self._say("project_in_moco")

        @lru_cache(REMEMBERED)
        def name(text: str) -> Markup:
            return Markup("<bdi>") + shown(text, with_people, SHORT) + Markup("</bdi>")

        self._name = name
        self.day = _remembered(lambda value: written.day(value, language))
        self._jinja.globals.update(self._globals())
        self._jinja.filters.update(self._filters())
        self._jinja.filters.update(row_filters(self, self._jinja))

    def write(self, path: Path, template: str, values: Mapping[str, object], stamp: str = "") -> None:
        """Write one page piece by piece, so that a long one never lies in memory.

        `stamp`, letters and digits that are ours, stands at the foot of every printed sheet.
        """
        stamped = _styled(self._style, _foot_of(stamp)) if stamp else {}
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(self._jinja.get_template(template).generate(**stamped, **values))

    def text(self, template: str, values: Mapping[str, object]) -> str:
        """One page that is bounded in size."""
        return self._jinja.get_template(template).render(**values)

    def _harmless(self, value: object) -> object:
        """Whatever a template writes that is not our own markup: made harmless here, and escaped by Jinja next."""
        return shown(value, self._with_people) if isinstance(value, str) and not isinstance(value, Markup) else value

    # -- what templates call -----------------------------------------------------------------------------------

    def _globals(self) -> dict[str, object]:
        return {
            **_styled(self._style),
            "language": self.language.value,
            "say": self._say,
            "term": _remembered(self._wording.term),
            "reason": self._reason,
            "disposition": self._wording.disposition,
            "detail_of": self._wording.detail,
            "typed": self.typed,
            "linked": self._link,
            "source_link": self.source_link,
            "target_link": self.target_link,
        }

    def _say(self, key: str, **values: object) -> Markup:
        return escape(self._wording.say(key, **{name: self._harmless(value) for name, value in values.items()}))

    def _reason(self, code: str) -> Markup | str:
        known = self._wording.reason(code)
        return known if known == code else escape(known)

    def typed(self, text: str, otherwise: str = "") -> Markup:
        """What somebody typed, set apart from the direction of its neighbours; empty, `otherwise` is said instead."""
        if text:
            return self._name(text) if len(text) <= SHORT else self._name.__wrapped__(text)
        return _soft(self._say(otherwise)) if otherwise else Markup("")

    def _link(self, url: str, text: Markup) -> Markup:
        address = web_address(url, self._with_people)
        if not address:
            return Markup("")
        return Markup(f'<a href="{escape(address)}" rel="noopener noreferrer" target="_blank">{text}</a>')  # noqa: S704

    def source_link(self, line: RecordLine | Exceptional) -> Markup:
        """ActiveCollab's number, with its address where it has one."""
        if line.source_id is None:
            return self._none
        number = escape(line.source_id)
        return self._link(line.source_url, number) or number

    def target_link(self, line: RecordLine | Exceptional, day: date | None, linked: bool = True) -> Markup:
        """MOCO's number, the day to look for, and a link to the project: MOCO documents no address of an activity."""
        if line.activity_id is None:
            return self._none
        told = escape(line.activity_id)
        if day:
            told += _BREAK + _soft(escape(written.day(day, self.language)))
        link = self._link(line.target_url, self._project) if linked else ""
        # On paper nobody can follow it.
        return told + Markup('<span class="screen"><br>') + link + Markup("</span>") if link else told

    def _filters(self) -> dict[str, Callable[..., object]]:
        def in_language(write: Callable[..., str]) -> Callable[..., Markup]:
            return _remembered(lambda *values: write(*values, self.language))

        ours = (
            written.number,
            written.number_change,
            written.amount,
            written.hours,
            written.change,
            written.change_in_hours,
            written.share,
            written.day,
            written.month,
            written.short_month,
            written.moment,
            written.span,
        )
        return {
            **{write.__name__: in_language(write) for write in ours},
            "clock": _remembered(written.clock),
            "clock_change": _remembered(written.clock_change),
            "groups": _groups,
            "reasons_apart": _reasons_apart,
            "row_sum": _row_sum,
            "column_sum": _column_sum,
        }


def _styled(*styles: Markup) -> dict[str, object]:
    """The styles of a page, and a policy that names them by their digests: nothing else is loaded, run or sent."""
    digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]
    named = " ".join(f"'sha256-{digest}'" for digest in digests)
    policy = f"default-src 'none'; style-src {named}; base-uri 'none'; form-action 'none'"
    return {"styles": styles, "policy": policy}


def _foot_of(stamp: str) -> Markup:
    if not _STAMP.fullmatch(stamp):
        raise ValueError(f"expected letters, digits and blanks for a stamp, not {stamp!r}")
    return Markup(f'@page {{ @bottom-left {{ content: "{stamp}"; font: 8pt sans-serif; }} }}')  # noqa: S704 - checked above


def _soft(words: Markup) -> Markup:
    return Markup('<span class="soft">') + words + Markup("</span>")


def _remembered(write: Callable[..., str]) -> Callable[..., Markup]:
    """`write`, which writes our own words and numbers, as markup that need not be looked at again."""

    @lru_cache(REMEMBERED)
    def remembered(*values: Hashable) -> Markup:
        return escape(write(*values))

    return remembered


def _groups(digest: str) -> str:
    """A digest in groups of eight, so that people can compare it."""
    return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))


def _reasons_apart(apart: Mapping[Rule, int]) -> list[tuple[Rule, int]]:
    return [(rule, apart[rule]) for rule in Rule if apart.get(rule)]


def _row_sum(seconds: Matrix, billing: Billing | None) -> int:
    return sum(amount for (row, _), amount in seconds.items() if row is billing)


def _column_sum(seconds: Matrix, state: TargetState) -> int:
    return sum(amount for (_, column), amount in seconds.items() if column is state)
