"""The options that stand before or after any command."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.app.cli.options import GlobalOptions, extract, wants_json
from migrator.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "options", "rest"),
    [
        ([], GlobalOptions(), []),
        (["plan"], GlobalOptions(), ["plan"]),
        (["--json", "plan", "--sample", "3"], GlobalOptions(as_json=True), ["plan", "--sample", "3"]),
        (["plan", "--sample", "3", "--json"], GlobalOptions(as_json=True), ["plan", "--sample", "3"]),
        (["--config", "a.toml", "read"], GlobalOptions(config=Path("a.toml")), ["read"]),
        (["read", "--config=a.toml"], GlobalOptions(config=Path("a.toml")), ["read"]),
        (["read", "--config=a", "--config=b"], GlobalOptions(config=Path("b")), ["read"]),
        (["-v", "read"], GlobalOptions(verbosity=1), ["read"]),
        (["-v", "read", "-v"], GlobalOptions(verbosity=2), ["read"]),
        (["-vvvv"], GlobalOptions(verbosity=2), []),
        (["read", "-q"], GlobalOptions(verbosity=-1), ["read"]),
        (["--verbose", "--quiet"], GlobalOptions(), []),
        (["--log-format", "json"], GlobalOptions(log_format="json"), []),
        (["db", "restore", "f", "--yes", "--no-input"], GlobalOptions(yes=True, no_input=True), ["db", "restore", "f"]),
        (["--version"], GlobalOptions(version=True), []),
        (["read", "--", "--json", "-v"], GlobalOptions(), ["read", "--", "--json", "-v"]),
        (["map", "export", "-o", "f"], GlobalOptions(), ["map", "export", "-o", "f"]),
        (["read", "-"], GlobalOptions(), ["read", "-"]),
        (["read", "-x", "--verbosity"], GlobalOptions(), ["read", "-x", "--verbosity"]),
    ],
)
def test_global_options_are_taken_out_wherever_they_stand(
    arguments: list[str], options: GlobalOptions, rest: list[str]
) -> None:
    assert extract(arguments) == (options, rest)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--config"], "option --config needs a value"),
        (["--config="], "option --config needs a value"),
        (["--config", "--json"], "option --config needs a value"),
        (["--log-format", "xml"], "option --log-format: expected text or json, not 'xml'"),
    ],
)
def test_a_global_option_without_its_value_is_refused(arguments: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        extract(arguments)


def test_json_is_wanted_even_when_the_rest_makes_no_sense() -> None:
    assert wants_json(["--config", "--json"])
    assert not wants_json(["read", "--", "--json"])
