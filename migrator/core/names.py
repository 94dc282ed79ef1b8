"""How names are compared: the way a person does, who overlooks accents, capitals and blanks."""

from __future__ import annotations

import unicodedata

from migrator.core.model import MocoId


def normalise(name: str) -> str:
    """`name` without accents, capitals and superfluous blanks; two names are the same when these are equal.

    Case is folded before and after decomposition, because each can bring forth what the other removes.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(unicodedata.normalize("NFKD", bare.casefold()).split())


def task_key(project_id: MocoId, name: str) -> tuple[MocoId, str]:
    """The natural key of a MOCO task: its project and its normalised name."""
    return project_id, normalise(name)
