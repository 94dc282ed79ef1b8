"""ActiveCollab's HTML bodies as plain text.

ActiveCollab stores what an editor produced, what a person typed into an API client, and everything between.
So only what certainly is markup is taken as markup: `a < b & c` and `List<String>` stay as they were written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from lxml import etree


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BLOCK = _words(
    "article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol p pre section summary table tbody tfoot "
    "thead tr ul"
)
_CELL = _words("td th")
_OTHER = _words(
    "a abbr acronym address audio b bdi bdo big blink button cite code col colgroup del dfn em embed font i "
    "img input ins kbd label link mark meta noscript object option param q s samp select small source span "
    "strike strong sub sup svg time tt u var video wbr"
)
_NAMES = "|".join(sorted(_BLOCK | _CELL | _OTHER, key=len, reverse=True))
_ATTRIBUTE = r"""\s++[\w:.-]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=]++))"""
# Word pastes tags with a prefix (`<o:p>`); a bare word after a name (`<b and c>`) is no attribute but prose.
_TAG = re.compile(
    rf"</?(?:{_NAMES}|[a-z]\w*:[a-z]\w*)(?:{_ATTRIBUTE}|\s++(?:checked|disabled|nowrap|noshade))*+\s*+/?>"
    r"|<!doctype\s++html\b[^<>]*+>|<\?xml:[^<>]*+>",
    re.IGNORECASE | re.ASCII,
)
_COMMENT = (re.compile("<!--"), re.compile("-->"))
_UNSEEN = (
    _COMMENT,
    *(
        (re.compile(rf"<{name}\b[^<>]*+>", re.IGNORECASE), re.compile(rf"</{name}\s*+>", re.IGNORECASE))
        for name in ("script", "style", "title", "iframe", "template")
    ),
)
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(_BLOCK | _CELL)})\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_HIDES = re.compile(r"<(?:!--|script\b|style\b|title\b|iframe\b|template\b)", re.IGNORECASE)
# What most bodies are made of: paragraphs, lists and line breaks, without attributes and properly closed.
_SHORT_TAG = re.compile(r"(</?[a-z]{1,2} ?/?>)")
_MOST_SHORT_TAGS = 64
_UNCOMMON = re.compile("&(?!(?:lt|gt|quot|amp);)")
_UNKNOWN = re.compile("&(?!(?:lt|gt|quot|amp|nbsp);)")
# How Windows-1252 shows the UTF-8 of ü, ß and the like (Ã¼, ÃŸ, Â§), and of € and typographic marks (â‚¬, â€œ).
_BEHIND_LEAD = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_ENCODED_TWICE = re.compile(rf"[ÃÂ][{_BEHIND_LEAD}]|â[\x80-\x84€‚„][{_BEHIND_LEAD}]")
_UNSAFE_LINK = re.compile(r"(?:javascript|vbscript|data):|#", re.IGNORECASE)


def html_to_text(body: str) -> str:
    """The plain text of `body`: no markup, no control characters, blanks folded, single blank lines at most.

    Paragraphs and `<br>` become line breaks, list items `- item`, links `text (url)` where the two differ;
    character references are resolved; script and style are dropped. A body without any block element keeps
    the line breaks it was typed with.
    """
    if "<" not in body and "&" not in body:
        return _line(body) if body.isprintable() else _tidy(_cleaned(body))
    simple = _simple(body)
    if simple is not None:
        return simple
    cleaned = _cleaned(body)
    if _HIDES.search(cleaned):
        for begin, end in _UNSEEN:
            cleaned = _without(cleaned, begin, end)
    if not _TAG.search(cleaned):
        return _tidy(_cleaned(_resolved(cleaned)))
    return _tidy(_cleaned(_rendered(cleaned)))


class _Place(Enum):
    """What the text behind a tag of a simple body is, where it is not a line with something before it."""

    GAP = "between the items of a list"
    BROKEN = "line behind a line break"


_Shape = tuple[str | _Place, ...]
"""What the texts before, between and behind the tags of a simple body are; what comes before each that is a line."""

_ITEM = "- "


def _simple(body: str) -> str | None:
    """The text of a simple body, as the long way would find it; None for any other.

    A printable text holds nothing to clean, and no blank but the common one.
    """
    flat = body.replace("\n", " ") if "\n" in body else body
    if not flat.isprintable():
        return None
    if "<" not in flat:
        text = _resolved(flat)
        return _line(text) if flat is body and text.isprintable() else None
    pieces = _SHORT_TAG.split(flat)
    shape = _shape(tuple(pieces[1::2])) if len(pieces) < 2 * _MOST_SHORT_TAGS else None
    if shape is None or len(pieces) != 2 * flat.count("<") + 1:
        return None
    texts = pieces[::2]
    if "&" not in flat:
        return _laid_out(texts, shape)
    if _UNKNOWN.search(flat):
        return None
    laid_out = _laid_out([each.replace("&nbsp;", "\xa0") for each in texts] if "&nbsp;" in flat else texts, shape)
    # None of the other references is a blank, so they change nothing about where lines begin and end.
    return None if laid_out is None else _commonly_resolved(laid_out)


@lru_cache(maxsize=512)
def _shape(tags: tuple[str, ...]) -> _Shape | None:
    """The shape of a body with these tags; None where they are not all simple."""
    shape: list[str | _Place] = [""]
    inside = ""
    for tag in tags:
        match inside, tag:
            case "" | "<p>", "<br>" | "<br/>" | "<br />":
                shape.append(_Place.BROKEN)
            case ("", "<p>") | ("<p>", "</p>") | ("<ul>", "</ul>") | ("<ol>", "</ol>"):
                inside = "" if inside else tag
                shape.append("")
            case ("", "<ul>" | "<ol>") | ("<ul><li>" | "<ol><li>", "</li>"):
                inside = inside[:4] or tag
                shape.append(_Place.GAP)
            case "<ul>" | "<ol>", "<li>":
                inside += tag
                shape.append(_ITEM)
            case _:
                return None
    return None if inside else tuple(shape)


def _laid_out(texts: Sequence[str], shape: _Shape) -> str | None:
    """The `texts` of a simple body line by line; None where one is missing or stands where it should not."""
    lines: list[str] = []
    ended = False
    for text, before in zip(texts, shape, strict=True):
        if not text and not before:
            ended = True
            continue
        said = text.strip()
        if before is _Place.BROKEN:
            # A break ends the line before it, be it empty, and begins one that is gone on with.
            lines += ("", said) if not lines or (ended and lines[-1]) else (said,)
            ended = False
        elif said:
            if before is _Place.GAP:
                return None
            if lines and not lines[-1]:
                lines.pop()
            lines.append(before + said)
            ended = False
        elif before is _ITEM or (before is _Place.GAP and text.strip(" ")):
            return None
        else:
            ended = True
    joined = "\n".join(lines)
    return _tidy(joined) if "  " in joined or "\xa0" in joined or "" in lines else joined


def _line(text: str) -> str:
    """A printable text, which is one line, without needless blanks."""
    return (_BLANKS.sub(" ", text) if "  " in text else text).strip()


def looks_encoded_twice(text: str) -> bool:
    """Whether `text` seems to be UTF-8 that somebody read as Latin-1 or Windows-1252 and encoded again."""
    # One character is found much faster than a pattern.
    return ("Ã" in text or "Â" in text or "â" in text) and _ENCODED_TWICE.search(text) is not None


def _cleaned(text: str) -> str:
    return _CONTROL.sub("", _BREAKS.sub("\n", text))


def _without(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    """`text` without what stands between `begin` and `end`; an unclosed `begin` is prose and stays."""
    pieces: list[str] = []
    position = 0
    while (opened := begin.search(text, position)) and (closed := end.search(text, opened.end())):
        pieces.append(text[position : opened.start()])
        position = closed.end()
    return "".join(pieces) + text[position:]


def _resolved(text: str) -> str:
    """`text` with its character references resolved; `&copy=1` in a web address is none."""
    if _UNCOMMON.search(text):
        return _ENTITY.sub(lambda found: _character(found[0]), text)
    return _commonly_resolved(text)


def _commonly_resolved(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


# A handful of references make up nearly all.
_character = lru_cache(maxsize=1024)(html.unescape)


def _tidy(text: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        folded = (line if line.isprintable() and "  " not in line else _BLANKS.sub(" ", line)).strip()
        if folded or (lines and lines[-1]):
            lines.append(folded)
    return "\n".join(lines).strip("\n")


def _rendered(body: str) -> str:
    # A fresh parser each time: one that met its depth limit misreads the documents after it (libxml2 2.14).
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    keeps_breaks = not _BLOCK_TAG.search(body)
    root = etree.fromstring(f"<div>{_only_markup(body)}</div>", parser)
    # Beyond its limits libxml2 drops the rest of a document without an error; then the words matter most.
    if root is None or any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        return _resolved(_TAG.sub(" ", body))
    text = _Text(keeps_breaks=keeps_breaks)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            text.open(element)
        else:
            text.close(element)
    return text.joined()


def _only_markup(body: str) -> str:
    """`body` with every `<` and `&` escaped that does not belong to markup."""
    pieces: list[str] = []
    end = 0
    for tag in _TAG.finditer(body):
        pieces += (_escaped(body[end : tag.start()]), tag[0])
        end = tag.end()
    pieces.append(_escaped(body[end:]))
    return "".join(pieces)


def _escaped(text: str) -> str:
    return html.escape(_resolved(text), quote=False)


class _Text:
    """Collects the text of a walk over elements, line by line."""

    def __init__(self, *, keeps_breaks: bool) -> None:
        self._keeps_breaks = keeps_breaks
        self._pieces: list[str] = []
        self._line_begun = False
        self._pre = 0
        self._links: list[int] = []

    def open(self, element: etree._Element) -> None:
        name = element.tag
        if name == "br":
            self._add("\n")
        elif name == "img":
            self._add(element.get("alt") or "")
        elif name in _CELL:
            self._add(" ")
        elif name in _BLOCK:
            self._end_line()
        if name == "li":
            self._pieces.append("- ")  # begins no line: a paragraph inside must stay beside its bullet
        elif name == "pre":
            self._pre += 1
        elif name == "a":
            self._links.append(len(self._pieces))
        self._say(element.text)

    def close(self, element: etree._Element) -> None:
        name = element.tag
        if name == "pre":
            self._pre -= 1
        elif name == "a":
            self._add_address(element.get("href") or "", self._links.pop())
        if name in _BLOCK and name != "br":
            self._end_line()
        self._say(element.tail)

    def joined(self) -> str:
        return "".join(self._pieces)

    def _say(self, text: str | None) -> None:
        if text:
            self._add(text if self._keeps_breaks or self._pre else text.replace("\n", " "))

    def _add(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            _, line_break, tail = text.rpartition("\n")
            self._line_begun = bool(tail.strip()) or (self._line_begun and not line_break)

    def _end_line(self) -> None:
        """Begin a new line unless one has just begun."""
        if self._line_begun:
            self._add("\n")

    def _add_address(self, address: str, since: int) -> None:
        address = "".join(address.split())
        if not address or _UNSAFE_LINK.match(address):
            return
        said = "".join("".join(self._pieces[since:]).split())
        if _without_scheme(said) != _without_scheme(address):
            self._add(f" ({address})" if said else address)


def _without_scheme(address: str) -> str:
    return re.sub(r"^(?:https?://|mailto:)", "", address, flags=re.IGNORECASE).rstrip("/").casefold()
