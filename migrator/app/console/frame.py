"""The frame of every page of the console: its templates in one language, with everything typed made harmless."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from fractions import Fraction
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from migrator.app.console.state import When
from migrator.app.console.words import TEXTS
from migrator.app.report import written
from migrator.app.report.wording import Language, Wording
from migrator.app.secret import mask
from migrator.core.report.typed import shown

LONGEST_TEXT: Final = 400
LONGEST_NAME: Final = 120


def style() -> str:
    """The style of the report, and what the console adds to it: both shall look like one thing."""
    report = files("migrator.app.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    return report + files("migrator.app.console").joinpath("templates/console.css").read_text(encoding="utf-8")


STYLE: Final = style()
STYLE_VERSION: Final = hashlib.sha256(STYLE.encode()).hexdigest()[:16]


class Frame:
    """Templates in one language, for readers in one time zone; whatever a template writes is escaped.

    Templates find `say`, `term`, `reason` and `coming`, and the filters `hours`, `number`, `share`, `moment`,
    `took` and `short`. What is undefined raises.
    """

    def __init__(self, language: Language, zone: tzinfo) -> None:
        self._language, self._zone = language, zone
        self._place = 0 if language is Language.DE else 1
        self._wording = Wording(language)
        self._jinja = Environment(
            loader=PackageLoader("migrator.app.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_harmless,
        )
        self._jinja.globals.update(
            language=language.value,
            other=(Language.EN if language is Language.DE else Language.DE).value,
            style_version=STYLE_VERSION,
            zone=str(zone),
            say=self.say,
            term=self._term,
            reason=self._wording.reason,
            coming=self._coming,
        )
        self._jinja.filters.update(
            hours=self._hours,
            number=self._number,
            share=self._share,
            moment=self._moment,
            took=self._took,
            short=_short,
        )

    def page(self, template: str, values: Mapping[str, object]) -> str:
        """One page as text."""
        return self._jinja.get_template(template).render(**values)

    def say(self, key: str, **values: object) -> Markup:
        """The text called `key`, its `{name}`s filled in and made harmless; KeyError for one that does not exist.

        Where it has a form for one and a form for many, an integer `count` chooses.
        """
        forms = TEXTS[key][self._place]
        text = forms if isinstance(forms, str) else forms[values["count"] != 1]
        filled = {name: self._filled(value) for name, value in values.items()}
        return Markup(text).format(**filled)  # noqa: S704 - our own text; what is filled in is escaped

    def _filled(self, value: object) -> object:
        match value:
            case datetime():
                return self._moment(value)
            case int():
                return self._number(value)
            case When():
                return self._coming(value)
            case _:
                return _harmless(value)

    def _coming(self, when: When) -> Markup:
        return self.say(when.text, **when.values)

    def _term(self, value: Enum | str) -> str:
        return self._wording.term(value)

    def _hours(self, seconds: int) -> str:
        return written.hours(seconds, self._language)

    def _number(self, value: int) -> str:
        return written.number(value, self._language)

    def _share(self, share: Fraction) -> str:
        return written.share(share.numerator, share.denominator, self._language)

    def _moment(self, moment: datetime) -> Markup:
        local = moment.astimezone(self._zone)
        text = f"{written.day(local.date(), self._language)}, {local:%H:%M}"
        return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), text)

    def _took(self, duration: timedelta) -> str:
        seconds = max(0, round(duration.total_seconds()))
        if seconds < 60:
            return f"{seconds} s"
        minutes, seconds = divmod(seconds, 60)
        return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _harmless(value: object) -> Any:  # Any: Jinja writes whatever it is given
    """What a template writes: texts that are not our own lose tricks, secrets, people's addresses, excessive length."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return shown(mask(value), False, LONGEST_TEXT)
    return value


def _short(text: str) -> str:
    return shown(mask(text), False, LONGEST_NAME)
