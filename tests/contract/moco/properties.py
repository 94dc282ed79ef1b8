"""Custom properties of every kind, and what is compared of a value field by field."""

from __future__ import annotations

from datetime import date
from typing import Any

from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_properties import PropertyKind

PROPERTIES: dict[str, tuple[PropertyKind, tuple[str, ...]]] = {
    "Quelle": (PropertyKind.TEXT, ()),
    "Seit": (PropertyKind.DATE, ()),
    "Frei": (PropertyKind.YES_NO, ()),
    "Art": (PropertyKind.SELECT, ("Print", "Web")),
    "Arten": (PropertyKind.MULTI_SELECT, ("A", "B", "C")),
}
WRITTEN: dict[str, Any] = {"Quelle": "17", "Seit": date(2026, 5, 4), "Frei": True, "Art": "Web", "Arten": ["A", "B"]}
SHOWN = {"Quelle": "17", "Seit": "2026-05-04", "Frei": "1", "Art": "Web", "Arten": ("A", "B")}


def define_properties(sandbox: MocoSandbox, *targets: str) -> None:
    for target in targets:
        for name, (kind, choices) in PROPERTIES.items():
            sandbox.define_property(target, name, kind, choices)


def shows(found: object, **expected: object) -> bool:
    """Whether a value has all of these, so that a failing test names the first that it has not."""
    for name, value in expected.items():
        assert getattr(found, name) == value, f"{name}: {getattr(found, name)!r} is not {value!r}"
    return True
