"""Markup that was seen before: a record that differs from one libxml2 has read in nothing but its texts.

Most records of a document have the same tags in the same order. A layout is that markup as one pattern with a hole
for each text. Where it matches, the record is well-formed because the one it was learned from was, as long as the
texts hold nothing that could be markup; so each text is looked at, and in doubt the record is left to libxml2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from migrator.activecollab.elements import LONGEST_TEXT, PLACEHOLDER, FieldError, Texts
from migrator.activecollab.xml_bytes import CONTROLS, is_clean, is_utf8
from migrator.activecollab.xml_pieces import Piece, Whole

Found = tuple[bytes, ...]
"""The texts in the holes of a layout, as they are written."""

_HOLE = re.compile(
    rb"(<([^\s<>/&;!?]+)(?:\s[^<>&]*)?(?<!/)>)(?:(\s*<!\[CDATA\[)([^\]]*)(\]\]>\s*)|([^<]*))(</\2>)", re.DOTALL
)
_NOT_LEARNED = (b"<!--", b"<?", b"\r")
_SUSPICIOUS = CONTROLS + b"\r"
_UNKNOWN_REFERENCE = re.compile(rb"&(?!lt;|gt;|amp;|quot;|apos;)")
_MARK = "hole-{}."
_MARKED = re.compile(r"hole-[0-9]+\.")


class Layout:
    """The markup of one kind of record.

    `paths` says where each hole's text belongs, None for nowhere; `fixed` are the texts that the markup itself
    tells, `groups` the children that hold elements; `lines` line breaks are in the markup. `marked` is a record of
    this layout with marks for its texts.
    """

    def __init__(self, name: bytes, markup: Sequence[bytes], cdata: Sequence[bool], texts: Texts) -> None:
        holes = [b"([^]]*)" if each else b"([^<]*)" for each in cdata]
        pieces = [re.escape(markup[0])]
        for hole, literal in zip(holes, markup[1:], strict=True):
            pieces += (hole, re.escape(literal))
        self.pattern = re.compile(rb"[ \t\n]*+" + b"".join(pieces))
        paths: list[str | None] = [None] * len(cdata)
        self.fixed: dict[str, str] = {}
        for path, text in texts.values.items():
            if _MARKED.fullmatch(text):
                paths[int(text[len("hole-") : -1])] = path
            else:
                self.fixed[path] = text
        self.paths = tuple(paths)
        self.marked = texts
        self.groups = frozenset(texts.groups)
        self.before_first = len(markup[0])
        """Bytes of the record before its first hole."""
        self._opening = b"<" + name
        self._plain = frozenset(hole for hole, each in enumerate(cdata) if not each)

    def sound(self, holes: Iterable[int]) -> Callable[[Found], bool]:
        """A function that says of all texts whether those of `holes` hold nothing that libxml2 has to look at."""
        holes = tuple(holes)
        plain_of = _all_of([hole for hole in holes if hole in self._plain])
        cdata_of = _all_of([hole for hole in holes if hole not in self._plain])
        holds_markup = self._holds_markup

        def are_sound(found: Found) -> bool:
            plain, cdata = b" ".join(plain_of(found)), b" ".join(cdata_of(found))
            if holds_markup(plain, cdata):
                return False
            together = plain + cdata
            return _uncontrolled(together) and (together.isascii() or is_utf8(together))

        return are_sound

    def _holds_markup(self, plain: bytes, cdata: bytes) -> bool:
        """Whether there is anything in these texts that libxml2 has to look at."""
        # One byte is found much faster than several, and most texts hold none of these.
        return (
            (b"&" in plain and _UNKNOWN_REFERENCE.search(plain) is not None)
            or (b"]" in plain and b"]]>" in plain)
            or (b"<" in cdata and self._opening in cdata)
        )

    def holds_markup(self, hole: int, written: bytes) -> bool:
        """Whether there is anything in what is written in `hole` that libxml2 has to look at."""
        return self._holds_markup(written, b"") if hole in self._plain else self._opening in written

    def harmless(self, hole: int, written: bytes) -> bool:
        """Whether what is written in `hole` holds no markup and no control characters."""
        return not self.holds_markup(hole, written) and _uncontrolled(written)

    def literal(self, hole: int, written: bytes) -> bool:
        """Whether what is written in `hole` is the text itself, without references."""
        return hole not in self._plain or b"&" not in written

    def holes(self, paths: Iterable[str]) -> tuple[int, ...]:
        """The holes whose texts belong to `paths`, in their order."""
        return tuple(self.paths.index(path) for path in paths if path in self.paths)

    def text(self, hole: int, written: bytes) -> str:
        """The stripped text that is written so in `hole`; raises `FieldError` for a placeholder: it is warned about."""
        text = written.decode().strip()
        if b"&" in written and hole in self._plain:
            for name, character in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
                text = text.replace(f"&{name};", character)
        if text == PLACEHOLDER:
            raise FieldError("text", text, "anything but the documentation's placeholder")
        return text

    def texts(self, holes: Iterable[int], written: Iterable[bytes]) -> Texts:
        """What the texts of some `holes` tell, with what the markup tells."""
        values = self.fixed.copy()
        for hole, each in zip(holes, written, strict=True):
            path = self.paths[hole]
            if path is not None:
                values[path] = self.text(hole, each) if each else ""
        return Texts(values, set(self.groups))


def learn(piece: Piece, read: Callable[[Piece], Texts | None]) -> Layout | None:
    """The layout of `piece`, by trying out: marks go into its holes, and `read` says where they come out.

    None when the piece holds something that no layout can stand for.
    """
    raw = piece.raw
    if piece.whole is Whole.NO or not is_clean(raw) or any(each in raw for each in _NOT_LEARNED):
        return None
    if _MARKED.search(raw.decode()):
        return None
    markup, cdata, end = [b""], [], 0
    for hole in _HOLE.finditer(raw):
        in_cdata = hole[3] is not None
        start, stop = hole.span(4 if in_cdata else 6)
        markup[-1] += raw[end:start]
        markup.append(b"")
        cdata.append(in_cdata)
        end = stop
    markup[-1] += raw[end:]
    marked = markup[0] + b"".join(_MARK.format(hole).encode() + literal for hole, literal in enumerate(markup[1:]))
    texts = read(Piece(piece.name, marked, piece.line))
    if texts is None or texts.problem is not None:
        return None
    if any(_MARKED.search(text) and not _MARKED.fullmatch(text) for text in texts.values.values()):
        return None
    return Layout(piece.name.encode(), markup, cdata, texts)


def taken(holes: Sequence[int]) -> Callable[[Found], object]:
    """A function that takes the texts of `holes` out of all; of a single one not as a tuple."""
    return itemgetter(*holes) if holes else _nothing


def _uncontrolled(written: bytes) -> bool:
    """Whether a text is no giant and holds no control characters; its encoding is not looked at."""
    return len(written.translate(None, _SUSPICIOUS)) == len(written) <= LONGEST_TEXT


def _all_of(holes: Sequence[int]) -> Callable[[Found], Found]:
    """A function that takes the texts of `holes` out of all."""
    if len(holes) > 1:
        return itemgetter(*holes)
    return (lambda found: (found[holes[0]],)) if holes else _nothing


def _nothing(_: Found) -> Found:
    return ()
