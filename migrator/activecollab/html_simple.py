"""Simple HTML bodies as plain text: paragraphs, lists and line breaks without attributes, as most bodies are.

They stay bytes as long as possible: texts with rare characters take four times the memory, and the time for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

_TAG = re.compile(rb"(</?[a-z]{1,2} ?/?>)")
_MOST_TAGS = 64
_BLANKS = re.compile(r"[^\S\n]+")


class _Place(Enum):
    """What the text behind a tag is, where it is not a line with something before it."""

    GAP = "between the items of a list"
    BROKEN = "line behind a line break"


_GAP: Final = _Place.GAP
_BROKEN: Final = _Place.BROKEN
_ITEM = b"- "


class _Form(NamedTuple):
    """Bodies with the same tags: a pattern that finds the line in each of them, and what comes before each line."""

    pattern: re.Pattern[bytes]
    before: tuple[bytes, ...]


_Shape = tuple[bytes | _Place, ...]
"""What the texts before, between and behind the tags of a body are; what comes before each that is a line."""


class _Bodies:
    """Turns simple bodies in UTF-8 into text, fastest where each has the tags of the one before."""

    def __init__(self) -> None:
        self._form = _Form(re.compile(rb"(?!)"), ())

    def text(self, body: bytes) -> str | None:
        """The text of a simple body, as the long way would find it; None for any other.

        It is printable but for its line breaks, so there is nothing to clean in it, and no blank but the common one.
        """
        flat = body.replace(b"\n", b" ") if b"\n" in body else body
        if b"&nbsp;" in flat:
            flat = flat.replace(b"&nbsp;", b" ")
        form = self._form
        if matched := form.pattern.fullmatch(flat):
            lines = [
                before + said
                for before, text in zip(form.before, matched.groups(), strict=True)
                if (said := text.strip(b" "))
            ]
            if len(lines) == len(form.before):
                return _text(lines)
        pieces = _TAG.split(flat)
        if len(pieces) == 1 and flat is not body:
            return None
        tags = tuple(pieces[1::2])
        shape = _shape(tags) if len(tags) < _MOST_TAGS else None
        if shape is None or len(tags) != flat.count(b"<"):
            return None
        self._form = _form(tags) or form
        found = _lines(pieces[::2], shape)
        return None if found is None else _text(found)


simple_text = _Bodies().text


def _text(lines: Sequence[bytes]) -> str | None:
    """The lines as text; None when there is something in them to clean, or a reference that is not a simple one."""
    joined = b"\n".join(lines)
    if b"&" in joined:
        # None of these is a blank, so they change nothing about where lines begin and end.
        most = joined.replace(b"&lt;", b"<").replace(b"&gt;", b">").replace(b"&quot;", b'"')
        joined = most.replace(b"&amp;", b"&")
        if most.count(b"&") * len(b"amp;") != len(most) - len(joined):
            return None
    try:
        text = joined.decode()
    except UnicodeDecodeError:
        return None
    if not (text if len(lines) == 1 else text.replace("\n", " ")).isprintable():
        return None
    return tidy(text) if b"  " in joined or b"" in lines else text


@lru_cache(maxsize=64)
def _form(tags: tuple[bytes, ...]) -> _Form | None:
    """The bodies with these simple tags that hold text in paragraphs and items only; None with line breaks."""
    if not tags or any(tag.startswith(b"<br") for tag in tags):
        return None
    texts = [b" *([^<]*)" if tag in {b"<p>", b"<li>"} else b" *" for tag in tags]
    pattern = b" *" + b"".join(tag + text for tag, text in zip(tags, texts, strict=True))
    return _Form(
        re.compile(pattern), tuple(_ITEM if tag == b"<li>" else b"" for tag in tags if tag in {b"<p>", b"<li>"})
    )


@lru_cache(maxsize=512)
def _shape(tags: tuple[bytes, ...]) -> _Shape | None:
    """The shape of a body with these tags; None where they are not all simple."""
    shape: list[bytes | _Place] = [b""]
    inside = b""
    for tag in tags:
        match inside, tag:
            case b"" | b"<p>", b"<br>" | b"<br/>" | b"<br />":
                shape.append(_BROKEN)
            case (b"", b"<p>") | (b"<p>", b"</p>") | (b"<ul>", b"</ul>") | (b"<ol>", b"</ol>"):
                inside = b"" if inside else tag
                shape.append(b"")
            case (b"", b"<ul>" | b"<ol>") | (b"<ul><li>" | b"<ol><li>", b"</li>"):
                inside = inside[:4] or tag
                shape.append(_GAP)
            case b"<ul>" | b"<ol>", b"<li>":
                inside += tag
                shape.append(_ITEM)
            case _:
                return None
    return None if inside else tuple(shape)


def _lines(texts: Sequence[bytes], shape: _Shape) -> list[bytes] | None:
    """The `texts` of a body line by line; None where one is missing or stands where it should not."""
    lines: list[bytes] = []
    ended = False
    for text, before in zip(texts, shape, strict=True):
        if not text and not before:
            ended = True
            continue
        said = text.strip(b" ")
        if before is _BROKEN:
            # A break ends the line before it, be it empty, and begins one that is gone on with.
            lines += (b"", said) if not lines or (ended and lines[-1]) else (said,)
            ended = False
        elif said:
            if before is _GAP:
                return None
            if lines and not lines[-1]:
                lines.pop()
            lines.append(before + said)
            ended = False
        elif before is _ITEM:
            return None
        else:
            ended = True
    return lines


def tidy(text: str) -> str:
    """`text` with its blanks folded, lines without blanks at their ends, and single empty lines inside at most."""
    lines: list[str] = []
    for line in text.split("\n"):
        folded = (line if line.isprintable() and "  " not in line else _BLANKS.sub(" ", line)).strip()
        if folded or (lines and lines[-1]):
            lines.append(folded)
    return "\n".join(lines).strip("\n")
