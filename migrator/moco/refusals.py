"""MOCO's refusals: every shape of an error answer that was seen or documented, read into one value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.moco.json_values import AnswerError, parse_json, storable

_LONGEST_TEXT = 300
_MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """What MOCO said about a refused request, in the account's language: match on fields, never on texts.

    `messages` are (field, text); the field is "" where MOCO names none and `base` for the record as a whole,
    nested fields are joined with a dot. `text` is all of it in one line, "" for an empty body.
    """

    status: int
    messages: tuple[tuple[str, str], ...]
    text: str

    @property
    def fields(self) -> frozenset[str]:
        """The fields named."""
        return frozenset(field for field, _ in self.messages if field)


def _shortened(text: str) -> str:
    line = " ".join(storable(text).split())
    return line if len(line) <= _LONGEST_TEXT else line[: _LONGEST_TEXT - 3] + "..."


def _joined(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _messages(value: object, field: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, inner in value.items():
                # `errors` and `message` are envelopes, not fields of a record.
                envelope = not field and name in {"errors", "message"}
                yield from _messages(inner, "" if envelope else _joined(field, name))
        case list():
            for number, inner in enumerate(value):
                nested = isinstance(inner, dict | list)
                yield from _messages(inner, _joined(field, str(number)) if nested else field)
        case None:
            return
        case _:
            yield _shortened(field), _shortened(str(value))


def parse_refusal(status: int, body: bytes, content_type: str) -> Refusal:
    """Read any error answer; never fails.

    Shapes: `{"field": ["msg"]}` with `base` for the record (recorded), `{"errors": [...]}` and
    `{"errors": {...}}` (MOCO's OpenAPI document), `{"message": "..."}` (reported live), an empty body
    (403 and 404), and text/plain (500, recorded 2022).
    """
    if not body.strip():
        return Refusal(status, (), "")
    try:
        found = list(_messages(parse_json(body, "an error"), ""))[:_MOST_MESSAGES]
    except (AnswerError, RecursionError):
        if "html" in content_type.lower():
            return Refusal(status, (), "an HTML page")
        line = _shortened(body[:2000].decode("utf-8", "replace"))
        return Refusal(status, (("", line),) if line else (), line)
    text = _shortened("; ".join(f"{field}: {said}" if field else said for field, said in found))
    return Refusal(status, tuple(found), text)
