"""The answer to `info`: which ActiveCollab this is, and who the token belongs to."""

from __future__ import annotations

import json
import re
from typing import BinaryIO
from urllib.parse import unquote

from lxml import etree

from migrator.activecollab.client import Generation, Info
from migrator.core.model import SourceId

_LARGEST = 4 * 2**20
_ELEMENT = re.compile(rb"<info\b.*</info\s*>", re.DOTALL)
_LAST_NUMBER = re.compile(r"(?:^|[/#])(?:users/|user)?([1-9][0-9]{0,17})/?$")
_LAST_OF_TWO, _LAST_OF_THREE = 2, 4


def read_info(body: BinaryIO) -> Info | None:
    """What an `info` document says, XML or JSON; None when this is none.

    The generation is told by the version: up to 2.x, up to 4.x, or later.
    """
    content = body.read(_LARGEST)
    found = _ELEMENT.search(content)
    if found is not None:
        return _of_xml(found[0])
    start = content.find(b"{")
    return _of_json(content[start:]) if start >= 0 else None


def _of_xml(element: bytes) -> Info | None:
    # Only the element: whatever PHP printed around it, and a document type, do not matter here.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        root = etree.fromstring(element.decode("utf-8", "replace").encode(), parser)
    except etree.XMLSyntaxError:
        return None

    def told(path: str) -> str:
        child = root.find(path)
        return "" if child is None else "".join(child.itertext()).strip()

    return _info(
        api_version=told("api_version"),
        system_version=told("system_version"),
        edition=told("system_edition"),
        read_only=told("read_only"),
        user=told("logged_user/id") or told("logged_user"),
    )


def _of_json(content: bytes) -> Info | None:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not {"version", "system_version", "api_version"} & told.keys():
        return None
    user = told.get("logged_user") or told.get("logged_user_id") or ""
    return _info(
        api_version=str(told.get("api_version") or ""),
        system_version=str(told.get("system_version") or told.get("version") or ""),
        edition=str(told.get("system_edition") or told.get("application") or ""),
        read_only=str(told.get("read_only", "")),
        user=str(user.get("id", "") if isinstance(user, dict) else user),
    )


def _info(*, api_version: str, system_version: str, edition: str, read_only: str, user: str) -> Info | None:
    generation = _generation(system_version) or _generation(api_version)
    if generation is None:
        return None
    # 2.x names the person by the address of the profile, sometimes with its slashes encoded.
    number = _LAST_NUMBER.search(unquote(user))
    return Info(
        generation,
        api_version=api_version,
        system_version=system_version,
        edition=edition,
        read_only={"1": True, "0": False, "true": True, "false": False}.get(read_only.lower()),
        user_id=SourceId(int(number[1])) if number else None,
    )


def _generation(version: str) -> Generation | None:
    major = re.match(r"v?([0-9]{1,4})\b", version)
    if major is None:
        return None
    if int(major[1]) <= _LAST_OF_TWO:
        return Generation.TWO
    return Generation.THREE if int(major[1]) <= _LAST_OF_THREE else Generation.FIVE
