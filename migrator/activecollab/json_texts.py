"""One JSON object as texts by path: what the field tables read from, whichever generation wrote it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

from migrator.activecollab.elements import Texts
from migrator.activecollab.json_stream import Json, Repeated
from migrator.activecollab.xml_fields import RECORD_MARKUP, RecordTable, id_field

_NAMES_BESIDE = frozenset({"url_path", "state", "is_completed", "completed_on", "is_trashed"})
_PROJECT_IN_PATH = re.compile(r"(?:^|/)projects/([0-9]{1,18})(?:/|$)")
_API = re.compile(r"(?:/public)?/(?:api/v[0-9]+|api\.php|index\.php)(?:/.*)?$")
# What neither XML nor every database can hold; half a surrogate pair never leaves the parser.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def generation_5(table: RecordTable) -> RecordTable:
    """The table of generation 5 (5.x to 7.x, cloud), which is also good for JSON of 3.x and 4.x: `table` is theirs.

    A record of 5.x does not name its project; its `url_path` does (`/projects/1/time-records/3`), or, for time
    on the project itself, its parent.
    """
    return replace(
        table, project_id=id_field("project_id", *table.project_id.paths, "url_path/project", "parent/project")
    )


def site_of(base_url: str) -> str:
    """Where the web pages of an ActiveCollab begin whose API or entry page is `base_url`; empty when it is no address.

    `https://app.activecollab.com/1/api/v1` gives `https://app.activecollab.com/1`.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    # Never with a user and password: the address ends up in MOCO.
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{_API.sub('', parts.path).rstrip('/')}"


def json_texts(one: dict[str, Json], wanted: frozenset[str], site: str) -> Texts:
    """The texts of the `wanted` values in `one`, two levels deep; its `url_path` becomes a permalink on `site`.

    Null is an empty text, as an empty element is; so is PHP's empty array. Numbers are written out exactly.
    """
    texts = Texts()
    for name, found in one.items():
        if name in wanted or name in _NAMES_BESIDE:
            for value in found.values if isinstance(found, Repeated) else (found,):
                _put(texts, name, value)
    path = texts.values.get("url_path", "")
    if path.startswith("/") and site and not texts.values.get("permalink"):
        texts.values["permalink"] = site + path
    return texts


def _put(texts: Texts, name: str, value: Json) -> None:
    if isinstance(value, dict) and value:
        texts.groups.add(name)
        for inner, held in value.items():
            for each in held.values if isinstance(held, Repeated) else (held,):
                if not isinstance(each, dict | list):
                    texts.put(f"{name}/{inner}", _text(inner, each))
    elif isinstance(value, list) and value:
        texts.groups.add(name)
    else:
        texts.put(name, _text(name, value))


def _text(name: str, value: Json) -> str:
    match value:
        case str():
            # Out of a description they are dropped later; in a name or a number they must not vanish unseen.
            return value if name in RECORD_MARKUP else _UNSTORABLE.sub("\ufffd", value)
        case bool():
            # PHP's false is also "nothing", which no description should begin with.
            return "" if name in RECORD_MARKUP and not value else str(value).lower()
        case None | dict() | list() | Repeated():
            return ""
        case _:
            return str(value)


def tell_project(texts: Texts) -> None:
    """Put what a record says of its project beside the places where others name it."""
    values = texts.values
    if found := _PROJECT_IN_PATH.search(values.get("url_path", "")):
        values["url_path/project"] = found[1]
    elif (values.get("parent_class") or values.get("parent_type", "")).lower() == "project" and not (
        values.get("project_id") or values.get("project/id")
    ):
        values["parent/project"] = values.get("parent_id", "")


def tell_archived(texts: Texts, *, when_completed: bool) -> None:
    """Say as `is_archived` what 5.x says in other words; `when_completed`: of a thing that is archived once done.

    Where an object has a `state` (3.x, 4.x), that tells, and completed things are not archived.
    """
    values = texts.values
    done = when_completed and not values.get("state") and _told(values, "is_completed", "completed_on")
    if done or _told(values, "is_trashed"):
        values["is_archived"] = "1"


def _told(values: dict[str, str], *names: str) -> bool:
    return any(values.get(name, "").lower() not in {"", "0", "false", "no"} for name in names)


def digest_of(one: dict[str, Json]) -> str:
    """SHA-256 (hex) of `one`, whatever the order of its keys and the blanks between them."""
    written = json.dumps(one, sort_keys=True, separators=(",", ":"), default=_written)
    return hashlib.sha256(written.encode()).hexdigest()


def _written(value: object) -> object:
    return {"": list(value.values)} if isinstance(value, Repeated) else str(value)


def readable_form(one: dict[str, Json]) -> bytes:
    """An object as text again for people: the same keys and values in their order, with other blanks perhaps.

    A streaming parser tells no bytes. Where a key stood more than once, its values stand in a list.
    """
    return json.dumps(one, ensure_ascii=False, indent=1, default=_shown).encode("utf-8", "replace")


def _shown(value: object) -> object:
    match value:
        case Repeated(values=values):
            return list(values)
        case Decimal() if Decimal(repr(float(value))) == value:
            return float(value)
        case _:
            return str(value)
