"""What `from migrator.moco import` offers, and that it costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import migrator.moco


def test_every_name_that_is_offered_is_there() -> None:
    for name in migrator.moco.__all__:
        assert getattr(migrator.moco, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = migrator.moco.Nothing


def test_importing_the_package_imports_no_library() -> None:
    asked = "import sys, migrator.moco; print(sorted({'requests', 'urllib3'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True, timeout=60)
    assert told.stdout.strip() == "[]"
