"""So many things of a kind, in words: `1 company`, `2,000 companies`."""

from __future__ import annotations

from collections.abc import Mapping

_ONE = {
    "companies": "company",
    "projects": "project",
    "people": "person",
    "tasks": "task",
    "contracts": "contract",
}


def counted(count: int, kind: str) -> str:
    """A count and the things counted; `kind` is their plural."""
    return f"{count:,} {_ONE[kind] if count == 1 else kind}"


def listed(counts: Mapping[str, int]) -> str:
    """All that there is any of, with commas between; "" when there is nothing."""
    return ", ".join(counted(count, kind) for kind, count in counts.items() if count)
