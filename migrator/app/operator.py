"""Who works with the program, as the machine knows them."""

from __future__ import annotations

import getpass


def operator() -> str:
    """The name of who started the program; `somebody` where the system has no list of people, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
