"""One XML element as texts by path: what every field table reads from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

PLACEHOLDER: Final = "..."
"""What ActiveCollab's documentation prints where it left something out; no server sends it."""

MOST_CHILDREN = 200
LONGEST_TEXT = 1_000_000


class FieldError(ValueError):
    """A field of one element cannot be used; says which, what stood there and what was expected."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name} {value!r} cannot be used; expected {expected}")
        self.name = name
        self.value = value
        self.expected = expected


@dataclass(slots=True)
class Texts:
    """The stripped texts of an element by path: `value` for a child, `user/id` for a child's child.

    `groups` names the children that hold elements themselves; `problem` is the first thing about the element
    that forbids using it, kept here so that what is readable can still be told.
    """

    values: dict[str, str] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    problem: FieldError | None = None

    def put(self, path: str, text: str | None) -> None:
        """Store `text` stripped; a second, different text at the same path is a problem, so is a giant one."""
        stripped = text.strip() if text else ""
        if len(stripped) > LONGEST_TEXT:
            self.object_to(path, f"{len(stripped)} characters", f"at most {LONGEST_TEXT:,} characters")
        elif self.values.setdefault(path, stripped) != stripped:
            # Which texts is not told: they can be descriptions or names.
            self.object_to(path, "two different texts", "the element only once")

    def object_to(self, name: str, value: str, expected: str) -> None:
        """Remember the first problem."""
        if self.problem is None:
            self.problem = FieldError(name, value, expected)


def local_name(element: etree._Element) -> str:
    """The name of `element` without its namespace; empty for an entity reference and the like."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag if tag[0] != "{" else tag.rpartition("}")[2]


def children_named(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The direct children of `element` with one of `names`, whatever their namespace."""
    return (child for child in element if local_name(child) in names)


def read_texts(element: etree._Element, wanted: frozenset[str], *, markup: frozenset[str] = frozenset()) -> Texts:
    """The texts of the children of `element` that are `wanted`, two levels deep; the rest is passed over.

    Children named in `markup` may hold unescaped HTML; it is kept as markup.
    """
    texts = Texts()
    if len(element) > MOST_CHILDREN:
        texts.object_to("element", f"{len(element)} elements", f"at most {MOST_CHILDREN} elements inside")
        return texts
    for child in element:
        # Asked first because it is true of nearly all: the plain name of a wanted element.
        name = child.tag if child.tag in wanted else local_name(child)
        if not name:
            texts.object_to("element", "a reference", "plain elements and text only")
        elif name in wanted:
            if not len(child):
                texts.put(name, child.text)
            elif name in markup:
                texts.put(name, etree.tostring(child, encoding="unicode", method="html", with_tail=False))
            else:
                _put_group(texts, name, child)
    return texts


def _put_group(texts: Texts, name: str, group: etree._Element) -> None:
    texts.groups.add(name)
    if len(group) > MOST_CHILDREN:
        texts.object_to(name, f"{len(group)} elements", f"at most {MOST_CHILDREN} elements inside")
        return
    for child in group:
        if not len(child):
            texts.put(f"{name}/{local_name(child)}", child.text)
