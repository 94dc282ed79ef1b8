"""Finding, merging and showing the configuration."""

from __future__ import annotations

import csv
import tomllib
from datetime import date, time, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from migrator.app.config import Config, config_path, example_toml, load, policy_digest, show
from migrator.app.configuration.choices import Creatable, Generation
from migrator.app.configuration.model import key_names, sections
from migrator.core.duration import Rounding
from migrator.errors import ConfigurationError

ROOT = Path(__file__).parents[3]


def written(folder: Path, text: str) -> Path:
    file = folder / "migrator.toml"
    file.write_text(text, encoding="utf-8")
    return file


def loaded(folder: Path, text: str = "", **environ: str) -> Config:
    return load(written(folder, text), environ)


# -- the example -----------------------------------------------------------------------------------------------


def test_the_example_in_the_repository_is_the_one_that_init_writes() -> None:
    assert (ROOT / "config" / "migrator.example.toml").read_text(encoding="utf-8") == example_toml()


def test_every_key_of_the_model_stands_in_the_example_and_no_other() -> None:
    example = {name: set(keys) for name, keys in tomllib.loads(example_toml()).items()}
    assert example == {name: set(key_names(section)) for name, section in sections().items()}


@pytest.mark.parametrize("name", list(sections()))
def test_every_value_of_the_example_is_the_default(name: str) -> None:
    section = sections()[name]
    assert section.model_validate(tomllib.loads(example_toml())[name]) == section()


def test_the_example_loads_as_soon_as_a_key_is_given(tmp_path: Path) -> None:
    config = loaded(tmp_path, example_toml(), MIGRATOR__MOCO__API_KEY="canary-example-key")
    assert config.moco.api_key.reveal() == "canary-example-key"


def test_the_example_mapping_has_the_columns_of_the_mapping_file() -> None:
    with (ROOT / "config" / "map.example.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert ",".join(rows[0]) == (
        "kind,source_id,source_name,source_email,source_parent,records,hours,first_day,last_day,proposal_id,"
        "proposal_name,score,action,target_id,target_name,cutover,note,currency,leader"
    )
    assert {row["kind"] for row in rows} == {"user", "company", "project", "task", "job_type"}
    assert {row["action"] for row in rows} == {"map", "create", "skip", "hold", "stand_in"}


# -- where it is found -----------------------------------------------------------------------------------------


def test_the_option_wins_over_the_variable_and_that_over_the_present_folder() -> None:
    environ = {"MIGRATOR_CONFIG": "/etc/migrator.toml"}
    assert config_path(Path("mine.toml"), environ) == Path("mine.toml")
    assert config_path(None, environ) == Path("/etc/migrator.toml")
    assert config_path(None, {}) == Path("migrator.toml")


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such configuration file"):
        load(tmp_path / "nothing.toml", {"MIGRATOR__MOCO__CONCURRENCY": "1"})


def test_the_environment_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load(None, {"MIGRATOR__MOCO__CONCURRENCY": "1"})
    assert config.moco.concurrency == 1
    assert config.path is None


def test_no_configuration_at_all_names_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load(None, {})
    assert "migrator init" in caught.value.hint


# -- values ----------------------------------------------------------------------------------------------------


def test_values_become_what_they_mean(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        """
        [scope]
        from = "2024-01-31"
        to = 2024-02-01
        users = [11, "ada@example.com"]
        [gates]
        max_change = "12.5%"
        [policy]
        rounding = "minute"
        """,
    )
    assert (config.scope.from_, config.scope.to) == (date(2024, 1, 31), date(2024, 2, 1))
    assert config.scope.users == ("11", "ada@example.com")
    assert config.gates.max_change == Fraction(1, 8)
    assert config.policy.rounding is Rounding.MINUTE
    assert config.sync.window_every == timedelta(hours=6)
    assert config.presences.day_start == time(9)
    assert config.mapping.create == (Creatable.TASKS, Creatable.CONTRACTS)


@pytest.mark.parametrize(
    ("written_as", "generation"),
    [
        ('"auto"', Generation.AUTO),
        ('"2"', Generation.TWO),
        ("2", Generation.TWO),
        ("1.1", Generation.TWO),
        ("3.3", Generation.THREE),
        ("4", Generation.THREE),
    ],
)
def test_a_generation_may_be_a_number(tmp_path: Path, written_as: str, generation: Generation) -> None:
    assert loaded(tmp_path, f"[activecollab]\ngeneration = {written_as}").activecollab.generation is generation


def test_the_environment_wins_and_is_read_as_the_type_of_its_key(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "[moco]\nbulk_size = 7\nconcurrency = 2\n[mapping]\naccept_exact = true",
        MIGRATOR__MOCO__BULK_SIZE="9",
        MIGRATOR__MOCO__SETTLE_SECONDS="0.5",
        MIGRATOR__MAPPING__ACCEPT_EXACT="no",
        MIGRATOR__SCOPE__USERS="11, 12",
        MIGRATOR__SCOPE__PROJECTS='["Website, new", "42"]',
        MIGRATOR__SCOPE__FROM="2020-01-01",
        OTHER__MOCO__BULK_SIZE="1",
    )
    assert (config.moco.bulk_size, config.moco.concurrency, config.moco.settle_seconds) == (9, 2, 0.5)
    assert config.mapping.accept_exact is False
    assert config.scope.users == ("11", "12")
    assert config.scope.projects == ("Website, new", "42")
    assert config.scope.from_ == date(2020, 1, 1)


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    config = loaded(
        tmp_path,
        '[database]\nurl = "sqlite:///sub/a.db"\n[activecollab]\nfiles = ["e/*.xml"]\n[network]\nca_file="ca.pem"',
    )
    assert config.database.url == f"sqlite:///{tmp_path}/sub/a.db"
    assert config.activecollab.files == (f"{tmp_path}/e/*.xml",)
    assert config.network.ca_file == f"{tmp_path}/ca.pem"


def test_absolute_paths_and_servers_stay_as_they_are(tmp_path: Path) -> None:
    config = loaded(tmp_path, '[database]\nurl = "postgresql+psycopg://u@h/n"\n[activecollab]\nfiles = ["/e/*.xml"]')
    assert config.database.url == "postgresql+psycopg://u@h/n"
    assert config.activecollab.files == ("/e/*.xml",)


def test_brackets_in_the_name_of_the_folder_are_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "a[1]"
    (folder / "export").mkdir(parents=True)
    (folder / "export" / "x.xml").touch()
    (pattern,) = loaded(folder).activecollab.files
    assert list(Path("/").glob(pattern.lstrip("/"))) == [folder / "export" / "x.xml"]


@pytest.mark.parametrize(
    ("url", "account"),
    [
        ("https://acme.mocoapp.com", "acme"),
        ("https://ACME.mocoapp.com/api/v1/", "acme"),
        ("http://127.0.0.1:8421", "127.0.0.1:8421"),
    ],
)
def test_an_account_is_known_by_its_subdomain(tmp_path: Path, url: str, account: str) -> None:
    assert loaded(tmp_path, f'[moco]\nurl = "{url}"').moco.account == account


# -- secrets ---------------------------------------------------------------------------------------------------


def test_a_secret_may_lie_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("canary-from-file\n")
    config = loaded(tmp_path, '[moco]\napi_key_file = "key"')
    assert config.moco.api_key.reveal() == "canary-from-file"
    assert config.source_of("moco.api_key") == f"file {tmp_path}/migrator.toml ({tmp_path}/key)"


def test_a_secret_of_the_environment_wins_over_a_file_named_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("canary-from-file")
    text = '[moco]\napi_key_file = "key"'
    assert loaded(tmp_path, text, MIGRATOR__MOCO__API_KEY="canary-env").moco.api_key.reveal() == "canary-env"
    (tmp_path / "other").write_text("canary-other")
    config = loaded(tmp_path, text, MIGRATOR__MOCO__API_KEY_FILE=str(tmp_path / "other"))
    assert config.moco.api_key.reveal() == "canary-other"
    assert config.source_of("moco.api_key").startswith("environment MIGRATOR__MOCO__API_KEY_FILE")


def test_nothing_that_shows_the_configuration_shows_a_secret(tmp_path: Path) -> None:
    text = '[moco]\napi_key = "canary-shown"\n[database]\nurl = "postgresql://u:canary-pw@h/n"'
    config = loaded(tmp_path, text)
    assert "canary" not in repr(config.moco)
    assert "canary" not in str(show(config))


# -- showing ---------------------------------------------------------------------------------------------------


def test_each_setting_is_shown_as_toml_with_its_source(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        '[moco]\napi_key = "canary-shown"\n[scope]\nfrom = "2024-01-31"',
        MIGRATOR__MOCO__BULK_SIZE="9",
    )
    shown = {key: (value, source) for key, value, source in show(config)}
    assert shown["moco.api_key"] == ('"***"', f"file {tmp_path}/migrator.toml")
    assert shown["moco.bulk_size"] == ("9", "environment MIGRATOR__MOCO__BULK_SIZE")
    assert shown["moco.timeout_seconds"] == ("30", "default")
    assert shown["scope.from"] == ('"2024-01-31"', f"file {tmp_path}/migrator.toml")
    assert shown["gates.max_delete"] == ('"1%"', "default")
    assert shown["sync.archived_every"] == ('"7d"', "default")


def test_what_is_shown_is_itself_a_configuration(tmp_path: Path) -> None:
    config = loaded(tmp_path, '[scope]\nfrom = "2024-01-31"\nusers = ["ada"]\n[gates]\nmax_change = "12.5%"')
    again = ""
    for key, value, _ in show(config):
        name, _, rest = key.partition(".")
        again += f"[{name}]\n" if f"[{name}]" not in again else ""
        again += f"{rest} = {value}\n"
    assert load(written(tmp_path, again), {}).model_dump() == config.model_dump()


@pytest.mark.parametrize(
    "changed", ['[policy]\nrounding = "minute"', '[scope]\nfrom = "2024-01-01"', "[mapping]\naccept_exact = false"]
)
def test_the_digest_tells_another_policy(tmp_path: Path, changed: str) -> None:
    assert policy_digest(loaded(tmp_path, changed)) != policy_digest(loaded(tmp_path))


def test_the_digest_does_not_depend_on_what_decides_nothing(tmp_path: Path) -> None:
    before = policy_digest(loaded(tmp_path))
    assert policy_digest(loaded(tmp_path, "[moco]\nbulk_size = 3\n[policy]\nrounding = 'exact'")) == before
    assert len(before) == 64


def test_the_password_of_the_database_can_be_a_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "db.password").write_text("p@ss/w:rd\n")
    config = loaded(tmp_path, '[database]\nurl = "postgresql+psycopg://me@db/migrator"\npassword_file = "db.password"')
    assert config.database.address == "postgresql+psycopg://me:p%40ss%2Fw%3Ard@db/migrator"
    shown = {key: value for key, value, _ in show(config)}
    assert (shown["database.url"], shown["database.password"]) == ('"postgresql+psycopg://me@db/migrator"', '"***"')
    assert loaded(tmp_path, '[database]\nurl = "postgresql://me@db/x"').database.address == "postgresql://me@db/x"


@pytest.mark.parametrize("url", ["sqlite:///a.db", "postgresql://me:already@db/x", "postgresql://db/x"])
def test_a_password_needs_an_address_that_has_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database\.password"):
        loaded(tmp_path, f'[database]\nurl = "{url}"\npassword = "secret-word"')
