"""ActiveCollab's HTML bodies as plain text.

ActiveCollab stores what an editor produced, what a person typed into an API client, and everything between.
So only what certainly is markup is taken as markup: `a < b & c` and `List<String>` stay as they were written.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from lxml import etree

from migrator.activecollab.html_simple import simple_text, tidy


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
_UNCOMMON = re.compile("&(?!(?:lt|gt|quot|amp);)")
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
        return _line(body) if body.isprintable() else tidy(_cleaned(body))
    simple = simple_text(body.encode("utf-8", "surrogatepass"))
    if simple is not None:
        return simple
    cleaned = _cleaned(body)
    if _HIDES.search(cleaned):
        for begin, end in _UNSEEN:
            cleaned = _without(cleaned, begin, end)
    if not _TAG.search(cleaned):
        return tidy(_cleaned(_resolved(cleaned)))
    return tidy(_cleaned(_rendered(cleaned)))


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
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


# A handful of references make up nearly all.
_character = lru_cache(maxsize=1024)(html.unescape)


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
