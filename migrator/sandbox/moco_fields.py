"""Reading the fields of master data that a client sent, collecting what is wrong."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date

from migrator.sandbox.moco_problems import Invalid, Problems, Words


class FieldReader:
    """One sent object; each method reads one field, keeping `otherwise` when it was not sent."""

    def __init__(self, sent: Mapping[str, object]) -> None:
        self._sent = sent
        self.problems: Problems = {}

    def __contains__(self, name: str) -> bool:
        return name in self._sent

    def raw(self, name: str) -> object:
        """The value as it was sent; None when it was not."""
        return self._sent.get(name)

    def complain(self, name: str, words: Words) -> None:
        """Note what is wrong with `name`."""
        self.problems.setdefault(name, []).append(words)

    def text(self, name: str, otherwise: str | None = None) -> str:
        """A text that must not be blank."""
        given = self._sent.get(name, otherwise)
        if not isinstance(given, str) or not given.strip():
            self.complain(name, Words.BLANK if given in (None, "") else Words.INVALID)
            return ""
        return given

    def optional_text(self, name: str, otherwise: str | None = None) -> str | None:
        """A text or null."""
        given = self._sent.get(name, otherwise)
        if given is None or isinstance(given, str):
            return given
        self.complain(name, Words.INVALID)
        return otherwise

    def plain_text(self, name: str, otherwise: str) -> str:
        """A text that may be blank; null is a blank one."""
        return self.optional_text(name, otherwise) or ""

    def choice(self, name: str, among: Container[str], otherwise: str | None) -> str | None:
        """One of a few words, or null."""
        given = self._sent.get(name, otherwise)
        if given is None or (isinstance(given, str) and given in among):
            return given
        self.complain(name, Words.NOT_A_CHOICE)
        return otherwise

    def whole(self, name: str, otherwise: int | None) -> int | None:
        """A whole number from 0, or null."""
        given = self._sent.get(name, otherwise)
        if given is None or (type(given) is int and given >= 0):
            return given
        self.complain(name, Words.NOT_A_NUMBER)
        return otherwise

    def flag(self, name: str, otherwise: bool) -> bool:
        """true or false."""
        given = self._sent.get(name, otherwise)
        if isinstance(given, bool):
            return given
        self.complain(name, Words.NOT_A_CHOICE)
        return otherwise

    def amount(self, name: str, otherwise: float | None) -> float | None:
        """A number or null."""
        given = self._sent.get(name, otherwise)
        if given is None or (isinstance(given, (int, float)) and not isinstance(given, bool)):
            return None if given is None else float(given)
        self.complain(name, Words.NOT_A_NUMBER)
        return otherwise

    def day(self, name: str, otherwise: date | None) -> date | None:
        """A day as `YYYY-MM-DD` or null."""
        if name not in self._sent:
            return otherwise
        given = self._sent[name]
        if given is None:
            return None
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            self.complain(name, Words.INVALID)
            return otherwise

    def reference(self, name: str, among: Container[int], otherwise: int | None = None) -> int:
        """The id of something that exists."""
        given = self._sent.get(name, otherwise)
        if type(given) is int and given in among:
            return given
        self.complain(name, Words.BLANK if given is None else Words.INVALID)
        return 0

    def optional_reference(self, name: str, among: Container[int], otherwise: int | None) -> int | None:
        """The id of something that exists, or null."""
        if self._sent.get(name, otherwise) is None:
            return None
        return self.reference(name, among, otherwise)

    def texts(self, name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        """Texts, sorted alphabetically as MOCO returns tags (RECORDED)."""
        given = self._sent.get(name, otherwise)
        if isinstance(given, (list, tuple)) and all(isinstance(one, str) for one in given):
            return tuple(sorted(given))
        self.complain(name, Words.INVALID)
        return otherwise

    def check(self) -> None:
        """Raise Invalid when anything was wrong."""
        if self.problems:
            raise Invalid(self.problems)
