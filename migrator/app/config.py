"""The configuration as the rest of the program imports it."""

from __future__ import annotations

from migrator.app.config_load import (
    config_path,
    load,
    moco_problems,
    require_moco,
    require_source,
    source_problems,
)
from migrator.app.config_model import Config
from migrator.app.config_show import example_toml, policy_digest, show

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
