"""What a report says, in German and English: every format takes its words from here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from migrator.app.report.language import Language
from migrator.app.report.wording_details import in_german
from migrator.app.report.wording_dispositions import IN_GERMAN
from migrator.app.report.wording_plan import PLAN_TEXTS
from migrator.app.report.wording_reasons import REASONS
from migrator.app.report.wording_terms import TERMS
from migrator.app.report.wording_texts import TEXTS
from migrator.app.report.written import number

__all__ = ["Language", "Wording"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language."""

    language: Language

    def say(self, key: str, **values: object) -> str:
        """The text called `key` (`wording_texts.py`), its `{name}`s filled in.

        Where it has a form for one and a form for many, an integer `count` chooses. Integers are written in groups of
        thousands. Raises KeyError for a text or a value that does not exist.
        """
        forms = (TEXTS.get(key) or PLAN_TEXTS[key])[self._place]
        if not isinstance(forms, str):
            forms = forms[0] if values["count"] == 1 else forms[1]
        return forms.format(
            **{
                name: number(value, self.language) if isinstance(value, int) else value
                for name, value in values.items()
            }
        )

    def term(self, value: Enum | str) -> str:
        """What an enum's member, a kind or a field is called (`wording_terms.py`); an unknown one stands for itself."""
        known = TERMS.get(value)
        return known[self._place] if known else str(value)

    def reason(self, code: str) -> str:
        """What a reason's code means, for somebody who does not know the program (`wording_reasons.py`).

        An unknown code stands for itself, "" stays empty.
        """
        known = REASONS.get(code)
        return known[self._place] if known else code

    def detail(self, text: str) -> str:
        """What is said about one record, in German where the words are ours; what MOCO or a person said stays."""
        # A code; the names of fields that can be unusable are not written in capitals.
        if text.isupper() and text in REASONS:
            return self.reason(text)
        return in_german(text) if self.language is Language.DE else text

    def disposition(self, meaning: str) -> str:
        """What keeping one side would do, as the inbox says it in English; an unknown sentence stays as it is."""
        return IN_GERMAN.get(meaning, meaning) if self.language is Language.DE else meaning

    @property
    def _place(self) -> int:
        return 0 if self.language is Language.DE else 1
