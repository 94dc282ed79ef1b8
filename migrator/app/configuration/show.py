"""The configuration as a person, a script or a digest sees it."""

from __future__ import annotations

import hashlib
import json
from datetime import date, time, timedelta
from fractions import Fraction
from importlib.resources import files
from typing import Final

from migrator.app.configuration.model import Config, key_names, sections
from migrator.app.secret import MASK, Secret, mask
from migrator.app.timespan import format_timespan

_DECIDING: Final = ("mapping", "policy", "scope")


def example_toml() -> str:
    """The commented configuration that `init` writes: every key, with its default."""
    return files("migrator.app").joinpath("templates/migrator.example.toml").read_text(encoding="utf-8")


def show(config: Config) -> list[tuple[str, str, str]]:
    """Key, value as TOML and source of every setting, in the order of the file; secrets are masked."""
    lines = []
    for name, section in sections().items():
        for key, attribute in key_names(section).items():
            value = getattr(getattr(config, name), attribute)
            lines.append((f"{name}.{key}", mask(as_toml(value)), config.source_of(f"{name}.{key}")))
    return lines


def policy_digest(config: Config) -> str:
    """SHA-256 (hex) over everything that decides what a record becomes: mapping, policy and scope."""
    deciding = {name: getattr(config, name).model_dump(mode="json", by_alias=True) for name in _DECIDING}
    canonical = json.dumps(deciding, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def as_toml(value: object) -> str:
    """`value` as the file would write it; a secret is masked."""
    match value:
        case Secret():
            shown = f'"{MASK}"' if value else '""'
        case bool():
            shown = "true" if value else "false"
        case timedelta():
            shown = f'"{format_timespan(value)}"'
        case Fraction():
            shown = f'"{float(value * 100):g}%"'
        case time():
            shown = f'"{value:%H:%M}"'
        case date():
            shown = f'"{value.isoformat()}"'
        case tuple() | list():
            shown = "[" + ", ".join(as_toml(one) for one in value) + "]"
        case float():
            shown = f"{value:g}"
        case int():
            shown = str(value)
        case None:
            shown = '""'
        case _:
            shown = json.dumps(str(value), ensure_ascii=False)
    return shown
