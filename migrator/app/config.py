"""The configuration as the rest of the program imports it."""

from __future__ import annotations

from migrator.app.configuration.load import (
    config_path,
    load,
    moco_problems,
    require_moco,
    require_source,
    source_problems,
)
from migrator.app.configuration.model import Config
from migrator.app.configuration.show import example_toml, policy_digest, show

__all__ = [
    "Config",
    "config_path",
    "example_toml",
    "load",
    "moco_problems",
    "policy_digest",
    "require_moco",
    "require_source",
    "show",
    "source_problems",
]
