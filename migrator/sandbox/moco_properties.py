"""Custom properties of the simulated MOCO: fields that the account defines, values that a client sends."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from flask import request

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Words
from migrator.sandbox.moco_records import Properties

_LARGEST = 12 * 1024
_YES_NO = {True: "1", False: "0", "1": "1", "0": "0", "true": "1", "false": "0"}


class PropertyKind(Enum):
    """What a field holds; all but several choices are texts in JSON (DOC)."""

    TEXT = "text"
    YES_NO = "yes_no"
    DATE = "date"
    SELECT = "select"
    MULTI_SELECT = "multi_select"


@dataclass(frozen=True, slots=True)
class PropertyField:
    """A field that the account defines for one kind of record, named as web hooks name it: `Project`, …"""

    target: str
    name: str
    kind: PropertyKind = PropertyKind.TEXT
    choices: tuple[str, ...] = ()

    def stored(self, given: object) -> str | tuple[str, ...] | None:
        """What becomes of a value that was sent; None for one that is ignored (DOC for choices, else GUESS)."""
        match self.kind:
            case PropertyKind.TEXT:
                return str(given) if isinstance(given, (str, int, float)) and not isinstance(given, bool) else None
            case PropertyKind.YES_NO:
                return _YES_NO.get(given) if isinstance(given, (bool, str)) else None
            case PropertyKind.DATE:
                return given if isinstance(given, str) and _is_day(given) else None
            case PropertyKind.SELECT:
                return given if isinstance(given, str) and given in self.choices else None
            case PropertyKind.MULTI_SELECT:
                if not isinstance(given, list) or not all(one in self.choices for one in given):
                    return None
                return tuple(str(one) for one in given)


PropertyFields = Mapping[tuple[str, str], PropertyField]
"""The fields of the account, by kind of record and name."""


def sent_properties(
    known: PropertyFields, target: str, fields: FieldReader, before: Properties, merged: bool
) -> Properties:
    """The properties of a record after `fields`.

    Unknown names and bad choices are ignored silently, more than 12 kB are 422 (DOC). Newer servers merge what
    is sent into what is there (`merged`), older ones replace it (DOC).
    """
    if "custom_properties" not in fields:
        return before
    given = fields.raw("custom_properties")
    if not isinstance(given, dict):
        fields.complain("custom_properties", Words.INVALID)
        return before
    changed = dict(before) if merged else {}
    for name, value in given.items():
        field = known.get((target, name))
        stored = field.stored(value) if field else None
        if stored is not None:
            changed[name] = stored
    if max(_size(given), _size(changed)) > _LARGEST:
        fields.complain("custom_properties", Words.TOO_LONG)
    return changed


def shown_properties(properties: Properties) -> dict[str, object]:
    """As JSON: texts, and arrays of several choices."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in properties.items()}


def asked_properties(known: PropertyFields, target: str, properties: Properties) -> bool:
    """Whether a record fits `custom_properties[Name]=…` of the request; an unknown name fits nothing (DOC).

    Several choices are asked for by `custom_properties[Name][]=A`, repeated; all must be there (GUESS).
    """
    for key in request.args:
        found = re.fullmatch(r"custom_properties\[([^\]]+)\](\[\])?", key)
        if found is None:
            continue
        field = known.get((target, found[1]))
        if field is None:
            return False
        has = properties.get(found[1], ())
        wanted = {
            _YES_NO.get(one, one) if field.kind is PropertyKind.YES_NO else one for one in request.args.getlist(key)
        }
        if not wanted <= set(has if isinstance(has, tuple) else (has,)):
            return False
    return True


def _size(properties: Mapping[str, object]) -> int:
    return len(json.dumps(properties, ensure_ascii=False).encode())


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
