"""Reading the query of a request; what cannot be read is ignored silently, as MOCO does (LIVE)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flask import request

R = TypeVar("R")


def query_word(name: str) -> str | None:
    """A text that is not empty."""
    return request.args.get(name) or None


def query_number(name: str) -> int | None:
    """A whole number."""
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def query_flag(name: str) -> bool | None:
    """A lower-case `true` or `false`; `True` is ignored (RECORDED)."""
    return {"true": True, "false": False}.get(request.args.get(name, ""))


def query_words(name: str) -> frozenset[str] | None:
    """Comma-separated words; None when there is none."""
    words = frozenset(filter(None, request.args.get(name, "").split(",")))
    return words or None


def query_ids(name: str = "ids") -> frozenset[int] | None:
    """Comma-separated ids; what is no number is ignored."""
    words = query_words(name) or frozenset()
    numbers = frozenset(int(word) for word in words if re.fullmatch(r"[0-9]{1,18}", word))
    return numbers or None


def query_choice(name: str, value: int | str | None) -> bool:
    """Whether `value` is the one that is asked for, or one of a comma-separated list; True when none is."""
    words = query_words(name)
    return words is None or str(value) in words


def sorted_by(rows: list[R], fields: Mapping[str, Callable[[R], Any]]) -> list[R]:
    """`sort_by=field` or `sort_by=field desc` (DOC); which fields is GUESS, others are ignored."""
    name, _, direction = request.args.get("sort_by", "").partition(" ")
    if name not in fields:
        return rows
    return sorted(rows, key=fields[name], reverse=direction == "desc")


def query_day(name: str) -> date | None:
    """A day as `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def query_moment(name: str) -> datetime | None:
    """A moment as `2026-01-31T14:30:00Z`; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
