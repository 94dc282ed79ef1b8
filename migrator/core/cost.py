"""What carrying out a plan costs: requests per phase, and the time MOCO's window makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.core.model import MocoId

ASKED_AT_ONCE = 100
"""Ids or markers that one GET of activities asks for."""


def requests_needed(
    creates_per_person: Mapping[MocoId, int],
    bulk_size: int,
    *,
    scan: int = 0,
    proofs: int = 0,
    places: int = 0,
    tasks: int = 0,
    contracts: int = 0,
    reopened: int = 0,
    updates: int = 0,
    withdrawals: int = 0,
    rebooks: int = 0,
    verify: int = 0,
    billed: int = 0,
) -> dict[str, int]:
    """Requests by phase: a bulk carries one person; an update or withdrawal is read first, 100 at once.

    `scan`, `proofs`, `verify` and `billed` are requests, the others objects. An archived project or deactivated
    person that is `reopened` is looked at and opened, then looked at, shut, and looked at once more. A rebooking is
    a withdrawal, its confirmation and a create.
    """
    singles = updates + withdrawals + rebooks
    return {
        "scan": scan,
        "proofs": proofs,
        "places": places,
        "tasks": tasks,
        "contracts": contracts,
        "reopen": 5 * reopened,
        "bulk": sum(_ceil(creates, bulk_size) for creates in creates_per_person.values()),
        "single": _ceil(singles, ASKED_AT_ONCE) + updates + withdrawals + 3 * rebooks,
        "verify": verify,
        "billed": billed,
    }


def billed_requests(per_customer: Iterable[int], size: int) -> int:
    """Requests of `billed` for so many records of each customer: each request is read first."""
    return sum(2 * _ceil(records, size) for records in per_customer)


def undo_requests(created: int) -> int:
    """Requests that undoing `created` records takes: each is deleted alone, after reading 100 at once."""
    return _ceil(created, ASKED_AT_ONCE) + created


def eta_seconds(requests: int, per_window: int, window_seconds: int) -> int:
    """The least time for `requests`: a full window at once, then as many in each window that follows."""
    return max(0, _ceil(requests, per_window) - 1) * window_seconds


def _ceil(amount: int, step: int) -> int:
    return -(-amount // step)
