"""One JSON object from MOCO, read field by field; what cannot be understood is named by endpoint and field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from migrator.core.model import MocoId, Seconds
from migrator.moco.errors import AnswerError

__all__ = ["AnswerError", "JsonObject", "parse_json", "rows_of", "storable"]

_LARGEST_ID = 2**63 - 1
_LARGEST_HOURS = 10**6
_LARGEST_SECONDS = _LARGEST_HOURS * 3600


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def parse_json(body: bytes, endpoint: str) -> object:
    """The JSON value in `body`, fractions as Decimal; raises `AnswerError`."""
    try:
        parsed: object = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise AnswerError(endpoint, "JSON") from None
    return parsed


def storable(text: str) -> str:
    """`text` without what is legal in JSON and fails later: half a surrogate pair in every file, NUL in PostgreSQL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


def rows_of(parsed: object, endpoint: str) -> tuple[object, ...]:
    """The rows of a list; raises `AnswerError` when it is none."""
    if not isinstance(parsed, list):
        raise AnswerError(endpoint, "a JSON array")
    return tuple(parsed)


class JsonObject:
    """One JSON object and the endpoint it came from, so that every complaint can name both."""

    def __init__(self, value: object, endpoint: str, path: str = "") -> None:
        if not isinstance(value, dict):
            raise AnswerError(endpoint, f"a JSON object{f' in `{path}`' if path else ''}")
        self._fields: dict[str, object] = value
        self._endpoint = endpoint
        self._path = path

    def wrong(self, field: str, expected: str) -> AnswerError:
        name = f"{self._path}.{field}" if self._path else field
        return AnswerError(self._endpoint, f"{expected} in `{name}`")

    @property
    def value(self) -> Mapping[str, object]:
        """The object itself, for a reader of the same object as something else."""
        return self._fields

    def has(self, field: str) -> bool:
        return self._fields.get(field) is not None

    def inner(self, field: str) -> JsonObject:
        if not isinstance(self._fields.get(field), dict):
            raise self.wrong(field, "an object")
        return JsonObject(self._fields[field], self._endpoint, field)

    def array(self, field: str) -> tuple[object, ...] | None:
        """The array in `field`; None when it is missing or null."""
        value = self._fields.get(field)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.wrong(field, "an array")
        return tuple(value)

    def id(self, field: str = "id") -> MocoId:
        value = self._fields.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LARGEST_ID:
            raise self.wrong(field, "an id")
        return MocoId(value)

    def text(self, field: str) -> str:
        """Text; missing and null are "", as is usual between MOCO's versions; numbers are written out."""
        value = self._fields.get(field)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.wrong(field, "text")
        return storable(str(value))

    def flag(self, field: str, *, when_missing: bool | None = None) -> bool:
        value = self._fields.get(field)
        if value is None and when_missing is not None:
            return when_missing
        if not isinstance(value, bool):
            raise self.wrong(field, "true or false")
        return value

    def day(self, field: str) -> date:
        try:
            return date.fromisoformat(self.text(field))
        except ValueError:
            raise self.wrong(field, "a day, YYYY-MM-DD") from None

    def moment(self, field: str) -> datetime:
        text = self.text(field)
        try:
            # "2020-01-12 15:38:35 UTC" was recorded in 2020, "2022-04-17T06:46:21Z" since.
            parsed = datetime.fromisoformat(text.removesuffix(" UTC"))
            zoned = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.wrong(field, "a time, YYYY-MM-DDTHH:MM:SSZ") from None
        return zoned.replace(microsecond=0)

    def duration(self) -> Seconds:
        """`seconds`, or `hours` where a server does not know seconds yet (recorded until 2021)."""
        seconds = self._fields.get("seconds")
        if isinstance(seconds, int) and not isinstance(seconds, bool) and abs(seconds) <= _LARGEST_SECONDS:
            return Seconds(seconds)
        hours = self._fields.get("hours")
        if seconds is not None or isinstance(hours, bool) or not isinstance(hours, int | Decimal):
            raise self.wrong("seconds", "whole seconds")
        # Compared before multiplied: 1e999999 is legal JSON and would overflow.
        if not -_LARGEST_HOURS <= hours <= _LARGEST_HOURS:
            raise self.wrong("hours", "hours")
        return Seconds(int((Decimal(hours) * 3600).quantize(Decimal(1), ROUND_HALF_UP)))

    # -- what may be missing: None where it is, or is null ----

    def maybe_inner(self, field: str) -> JsonObject | None:
        """An object inside."""
        return self.inner(field) if self.has(field) else None

    def maybe_id(self, field: str) -> MocoId | None:
        """An id."""
        return self.id(field) if self.has(field) else None

    def maybe_text(self, field: str) -> str | None:
        """Text, of which "" is one."""
        return self.text(field) if self.has(field) else None

    def maybe_flag(self, field: str) -> bool | None:
        """True or false."""
        return self.flag(field) if self.has(field) else None

    def maybe_day(self, field: str) -> date | None:
        """A calendar day; MOCO gives null or "" for none."""
        return self.day(field) if self.text(field) else None

    def maybe_moment(self, field: str) -> datetime | None:
        """A moment in UTC."""
        return self.moment(field) if self.text(field) else None

    def maybe_count(self, field: str) -> int | None:
        """A whole number, also as text: MOCO's documents call account numbers both."""
        value = self._fields.get(field)
        if isinstance(value, str) and len(value) < 20 and value.isascii() and value.isdigit():
            value = int(value)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_ID:
            raise self.wrong(field, "a whole number")
        return value

    def maybe_amount(self, field: str) -> Decimal | None:
        """A number with a fraction: money, hours, a rate."""
        value = self._fields.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.wrong(field, "a number")
        return Decimal(value)

    def maybe_clock(self, field: str) -> time | None:
        """A time of day, `HH:MM`."""
        text = self.text(field)
        if not text:
            return None
        try:
            return time.fromisoformat(text)
        except ValueError:
            raise self.wrong(field, "a time of day, HH:MM") from None

    def objects(self, field: str) -> tuple[JsonObject, ...]:
        """The objects of an array; none where it is missing."""
        return tuple(JsonObject(each, self._endpoint, field) for each in self.array(field) or ())

    def texts(self, field: str) -> tuple[str, ...]:
        """The texts of an array; none where it is missing."""
        rows = self.array(field) or ()
        if not all(isinstance(each, str) for each in rows):
            raise self.wrong(field, "an array of texts")
        return tuple(storable(str(each)) for each in rows)

    def table(self, field: str) -> dict[str, object]:
        """An object whose names are not known before, such as `custom_properties`; empty where it is missing."""
        value = self._fields.get(field)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.wrong(field, "an object")
        return {str(name): each for name, each in value.items()}
