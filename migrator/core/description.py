"""The text of a booking: the ticket's name, the record's own text, and what stands in for either."""

from __future__ import annotations

from migrator.core.policy import DescriptionStyle, Policy


def describe(text: str, parent_name: str, project_name: str, policy: Policy) -> str:
    """The description that `policy` makes of a record's plain `text` and the names around it.

    `parent_name` is empty for time on the project itself. A text shorter than `min_description` gets a name
    appended, for accounts of MOCO that demand descriptions.
    """
    body = _tidy(text)
    parent = _tidy(parent_name)
    if policy.description is DescriptionStyle.PARENT_AND_BODY:
        described = ": ".join(part for part in (parent, body) if part)
    else:
        described = body
    described = described or _tidy(policy.empty_description)
    if len(described) >= policy.min_description:
        return described
    name = parent if parent and parent not in described else _tidy(project_name)
    return " – ".join(part for part in (described, name) if part)


def in_the_name_of(name: str, description: str) -> str:
    """`description` of an hour that `name` worked and somebody else's account carries."""
    return f"[{_tidy(name)}] {description}".rstrip()


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
