"""Everything that can be wrong with a configuration is said at once, and usefully."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.app.config import load, moco_problems, require_moco, require_source
from migrator.app.configuration.loopback import is_loopback
from migrator.app.configuration.model import Web, sections
from migrator.app.configuration.rules import broken_rules, url_expectation
from migrator.app.secret import Secret
from migrator.errors import ConfigurationError, ExitCode


def problems(folder: Path, text: str, **environ: str) -> list[str]:
    """The problems of a configuration, without the folder of its file."""
    file = folder / "migrator.toml"
    file.write_text(text, encoding="utf-8")
    try:
        load(file, environ)
    except ConfigurationError as error:
        return [problem.replace(f"{folder}/", "") for problem in error.problems]
    return []


def test_all_problems_are_told_at_once_in_the_words_of_the_user(tmp_path: Path) -> None:
    text = """
    [moco]
    apikey = "canary-wrong-key"
    bulk_size = 500
    url = "http://example.org"
    [schedul]
    every = "1h"
    [policy]
    rounding = "exactly"
    min_description = "3"
    [scope]
    from = "2024-02-01"
    to = "2024-01-01"
    """
    told = problems(tmp_path, text, MIGRATOR__MOCO__CONCURRENCY="many", MIGRATOR__MOCOO__URL="x")
    assert told == [
        "migrator.toml: moco.apikey: unknown key; did you mean moco.api_key?",
        "migrator.toml: [schedul]: unknown section; did you mean schedule?",
        "environment MIGRATOR__MOCOO__URL: mocoo: unknown section; did you mean moco?",
        "migrator.toml: moco.bulk_size: expected a whole number from 1 to 100, not 500",
        'environment MIGRATOR__MOCO__CONCURRENCY: moco.concurrency: expected a whole number from 1 to 64, not "many"',
        "migrator.toml: moco.url: expected an address that begins with https:// (plain http:// only to this machine),"
        ' not "http://example.org"',
        'migrator.toml: scope.to: expected a day not before scope.from (2024-02-01), not "2024-01-01"',
        'migrator.toml: policy.rounding: expected one of "exact", "minute", not "exactly"',
        'migrator.toml: policy.min_description: expected a whole number from 0 to 500, not "3"',
    ]


@pytest.mark.parametrize(
    ("section", "line", "told"),
    [
        (
            "database",
            'url = "mysql://x"',
            'expected sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME, not "mysql://x"',
        ),
        ("database", 'url = "sqlite:///:memory:"', "expected sqlite:///FILE"),
        ("activecollab", 'instance = "Main!"', 'expected 1 to 16 characters of a-z, 0-9 and the hyphen, not "Main!"'),
        ("activecollab", 'instance = ""', "expected 1 to 16 characters"),
        ("activecollab", 'instance = "abcdefghijklmnopq"', "expected 1 to 16 characters"),
        ("activecollab", 'files = "a.xml"', 'expected a list of texts, not "a.xml"'),
        ("activecollab", "files = [1]", "expected a list of texts, not [1]"),
        ("activecollab", "generation = 9", 'expected "auto", "2", "3" or "5", not 9'),
        ("activecollab", 'timezone = "Europe/Berlln"', "expected the name of a time zone such as UTC"),
        ("activecollab", 'timezone = "../../etc/passwd"', "expected the name of a time zone"),
        ("moco", "bulk_size = 0", "expected a whole number from 1 to 100, not 0"),
        ("moco", "bulk_size = true", "expected a whole number from 1 to 100, not true"),
        ("moco", "concurrency = 0", "expected a whole number from 1 to 64, not 0"),
        ("moco", "requests_per_window = 100001", "expected a whole number from 1 to 100000"),
        ("moco", "window_seconds = 3601", "expected a whole number from 1 to 3600"),
        ("moco", "settle_seconds = -1", "expected a number from 0 to 86400"),
        ("moco", "timeout_seconds = 0", "expected a number over 0 and up to 3600"),
        ("moco", "timeout_seconds = nan", "expected a number over 0"),
        ("moco", 'url = "example.mocoapp.com"', "expected an address that begins with https://"),
        ("moco", 'url = "https://example.mocoapp.com/web"', "expected MOCO's address without a path"),
        (
            "moco",
            'url = "https://me:pw@example.mocoapp.com"',
            "expected an address without a user name or password",
        ),
        ("moco", 'url = "https://example.mocoapp.com:x"', "expected an address such as https://example.com"),
        ("network", 'proxy = "proxy:3128"', "expected an address such as http://proxy.example.com:3128"),
        ("network", 'ca_file = "none.pem"', "expected an existing file with certificates"),
        ("mapping", 'accept_exact = "yes"', "expected true or false"),
        ("mapping", 'create = ["task"]', "expected a list of companies, projects, tasks, contracts"),
        ("mapping", 'default_task = ""', "expected a text of 1 to 200 characters"),
        ("scope", 'from = "01.02.2024"', "expected a day as YYYY-MM-DD, or nothing"),
        ("scope", "from = 2024-01-01T10:00:00", "expected a day as YYYY-MM-DD"),
        ("gates", 'max_change = "101%"', 'expected a percentage from "0%" to "100%"'),
        ("gates", "max_change = 0.3", 'expected a percentage from "0%" to "100%", not 0.3'),
        ("sync", 'window_every = "6"', "expected a duration such as 15m, 6h, 7d or 0.1s"),
        ("presences", 'day_start = "9:00"', "expected a time of day as HH:MM"),
        ("presences", 'break_after = "30s"', "expected whole minutes such as 6h, at least one"),
        ("presences", 'break_after = "0m"', "expected whole minutes such as 6h, at least one"),
        ("presences", 'break_length = "90s"', "expected whole minutes such as 30m"),
        ("web", 'token = "too short"', "expected at least 16 characters without blanks"),
        ("notify", 'heartbeat_url = "http://hc.example.com/x"', "expected an address that begins with https:// (plain"),
        ("notify", 'webhook_url = "hooks.example.com/x"', "expected an address that begins with https://"),
        ("notify", 'webhook_url = "https://u:p@hooks.example.com"', "expected an address without a user name"),
        (
            "notify",
            'smtp_url = "mail.example.com"',
            "expected smtps://USER:***@HOST or smtp://USER:***@HOST:587",
        ),
        ("notify", 'smtp_url = "smtps://mail.example.com"', "expected email_to beside it"),
        ("notify", 'email_to = ["ops@example.com"]', "expected nothing, or smtp_url beside it"),
        ("notify", 'email_from = "robot"', "expected an e-mail address, or nothing"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_what_was_expected(
    tmp_path: Path, section: str, line: str, told: str
) -> None:
    (problem,) = problems(tmp_path, f"[{section}]\n{line}")
    assert problem.startswith(f"migrator.toml: {section}.{line.split(' ', maxsplit=1)[0]}: {told}")


def test_one_wrong_key_does_not_hide_a_broken_rule_of_its_section(tmp_path: Path) -> None:
    told = problems(tmp_path, '[moco]\nbulk_size = 0\nurl = "http://example.org"')
    assert [problem.split(": ")[1] for problem in told] == ["moco.bulk_size", "moco.url"]


def test_unreadable_toml_does_not_hide_the_environment(tmp_path: Path) -> None:
    told = problems(tmp_path, "[moco\n", MIGRATOR__MOCO__BULK_SIZE="0")
    assert len(told) == 2
    assert told[0].startswith("migrator.toml: expected TOML: ")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="expected a configuration in TOML in UTF-8"):
        load(file, {})


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert problems(tmp_path, "\ufeff[moco]\nbulk_size = 3") == []


def test_a_value_where_a_table_belongs_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, 'moco = "x"') == ["migrator.toml: moco: expected a table that begins with [moco]"]


# -- secrets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[moco]\napi_key = "canary-a"\napi_key_file = "key"', "expected either api_key or api_key_file, not both"),
        ('[moco]\napi_key_file = "nothing"', "moco.api_key_file: cannot read nothing: No such file or directory"),
        ('[moco]\napi_key_file = "empty"', "expected the secret in empty, which is empty"),
        ('[moco]\napi_key_file = "binary"', "cannot read binary: not a text in UTF-8"),
        ("[moco]\napi_key_file = 3", "expected the path of a file"),
        ("[moco]\napi_key = 47114711", "moco.api_key: expected a text"),
        ('[moco]\napi_keyy = "canary-b"', "moco.api_keyy: unknown key; did you mean moco.api_key?"),
        (
            '[database]\nurl = "mysql://u:canary-c@h"',
            'expected sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME, not "mysql://u:***@h"',
        ),
    ],
)
def test_a_problem_with_a_secret_never_repeats_it(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "key").write_text("canary-in-file")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    (problem,) = problems(tmp_path, text)
    assert problem.endswith(told)
    assert "canary" not in problem
    assert "4711" not in problem


# -- rules between keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("x.org", False),
    ],
)
def test_loopback_is_this_machine_only(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("url", ["https://ac.example.com/api.php", "http://127.0.0.1:8421", "http://[::1]/x"])
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert url_expectation(url) == ""


def test_plain_http_is_for_this_machine_or_where_it_is_allowed() -> None:
    assert url_expectation("http://10.0.0.5/api.php")
    assert url_expectation("http://10.0.0.5/api.php", http_allowed=True) == ""
    assert url_expectation("ftp://10.0.0.5/", http_allowed=True)


def test_a_console_that_others_can_reach_needs_a_token() -> None:
    assert [each.key for each in broken_rules(Web(host="0.0.0.0"))] == ["host"]
    assert not list(broken_rules(Web(host="0.0.0.0", token=Secret("canary-token-of-16"))))
    assert not list(broken_rules(Web()))


def test_a_schedule_has_one_of_its_two_forms() -> None:
    schedule = sections()["schedule"]

    def broken(**values: object) -> list[str]:
        return [each.key for each in broken_rules(schedule.model_validate(values))]

    assert broken(cron="0 6 * * *") == []
    assert broken(cron="0 6 * * *", every="") == []
    assert broken(every="1h") == []
    assert broken(cron="0 6 * * *", every="1h") == ["cron"]
    assert broken(every="") == ["every"]
    assert broken(every="0s") == ["every"]
    for line in ("often", "61 * * * *", "* * * * funday", "0 0 30 2 *", "@daily"):
        assert broken(cron=line) == ["cron"], line


# -- what is accepted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[activecollab]\ngeneration = 3\nurl = ''\nallow_http = false",
        '[activecollab]\ngeneration = 7\nurl = "https://ac.example.com"\ntoken = "1-canary"\nrequests_per_minute = 10',
        '[activecollab]\nurl = "http://ac.lan/public/api.php"\nallow_http = true',
        '[sync]\nidle_every = "0s"\narchived_every = "1d"\nwindow_days = 30\nwindow_every = "1h"\naudit_days = 7',
        '[gates]\nmax_source_loss = "5%"',
        '[policy]\npending_payment = "billable"\nbilled = "billable"\nsource_deleted = "delete"\ntag = "job_type"',
        '[policy]\nrounding_in_moco = "accept"',
        '[policy]\ninactive_people = "reactivate"\narchived_projects = "reopen"',
        '[gates]\npilot_above = 100\nmax_change = "5%"\nmax_delete = "0%"',
        '[network]\nproxy = "http://proxy.example.com:3128"',
        '[notify]\nwebhook_url = "https://chat.example.com/hook?key=1"\nheartbeat_url = "http://127.0.0.1:8000/ping/1"',
        '[notify]\nsmtp_url = "smtp://localhost"\nemail_to = ["ops@example.com"]\nemail_from = "robot@example.com"',
        '[web]\nhost = "0.0.0.0"\ntoken = "0123456789abcdef"',
        '[mapping]\ncreate = []\ntask_strategy = "per_task"',
        '[mapping]\ncreate = ["companies", "projects"]\n[provision]\ncurrency = "EUR"\narchive_after = true',
    ],
)
def test_what_works_today_is_accepted(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == []


# -- what some commands need -----------------------------------------------------------------------------------


def test_only_commands_that_talk_to_moco_miss_its_key(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text("")
    config = load(file, {})
    require_source(config)
    with pytest.raises(ConfigurationError) as caught:
        require_moco(config)
    assert [problem.split(": ")[1] for problem in caught.value.problems] == ["moco.url", "moco.api_key"]
    assert "MIGRATOR__MOCO__API_KEY" in caught.value.problems[1]
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_configuration_with_account_and_key_can_talk_to_moco(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text('[moco]\nurl = "https://acme.mocoapp.com"\napi_key = "canary-complete"')
    assert moco_problems(load(file, {})) == ()


def test_without_files_there_is_nothing_to_read(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text("[activecollab]\nfiles = []")
    with pytest.raises(ConfigurationError, match=r"activecollab\.files: missing"):
        require_source(load(file, {}))


def test_a_running_activecollab_needs_a_token_and_then_no_files(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text('[activecollab]\nfiles = []\nurl = "https://ac.example.com/api/v1"')
    with pytest.raises(ConfigurationError, match=r"activecollab\.token: missing.*migrator login"):
        require_source(load(file, {}))
    require_source(load(file, {"MIGRATOR__ACTIVECOLLAB__TOKEN": "1-canary"}))


def test_the_token_that_login_wrote_is_found_beside_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text('[activecollab]\nurl = "https://ac.example.com/api/v1"')
    assert load(file, {}).token_file == tmp_path / "activecollab.token"
    (tmp_path / "activecollab.token").write_text("1-canary-of-login\n")
    config = load(file, {})
    assert config.activecollab.token.reveal() == "1-canary-of-login"
    assert config.source_of("activecollab.token") == f"default ({tmp_path / 'activecollab.token'})"


def test_a_token_that_is_given_wins_over_the_one_that_login_wrote(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text('[activecollab]\ntoken = "1-canary-given"')
    (tmp_path / "activecollab.token").write_text("1-canary-of-login")
    config = load(file, {})
    assert config.activecollab.token.reveal() == "1-canary-given"
    assert config.token_file is None


def test_only_login_may_name_a_token_file_that_is_not_there_yet(tmp_path: Path) -> None:
    file = tmp_path / "migrator.toml"
    file.write_text('[activecollab]\ntoken_file = "secret/token"')
    assert any("cannot read" in problem for problem in problems(tmp_path, file.read_text()))
    config = load(file, {}, may_be_missing=frozenset({"activecollab.token"}))
    assert config.token_file == tmp_path / "secret" / "token"
    assert not config.activecollab.token


# -- laws ------------------------------------------------------------------------------------------------------

_KEYS = st.sampled_from(
    [f"MIGRATOR__{name}__{key}".upper() for name, section in sections().items() for key in section.model_fields]
    + ["MIGRATOR__MOCO__API_KEY_FILE", "MIGRATOR__", "MIGRATOR__MOCO", "MIGRATOR__X__Y"]
)
_TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20) | st.sampled_from(
    ["[", "[1]", '{"a":1}', "nan", "1e999", "٣", "sqlite:///", "http://[", "https://x:99999", "0x10"]
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_KEYS, _TEXTS, min_size=1, max_size=5))
def test_no_environment_breaks_loading_otherwise_than_with_problems(environ: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        told = problems(Path(folder), "", **environ)
    assert all(problem.startswith("environment MIGRATOR__") for problem in told)


def test_beyond_this_machine_only_what_moco_signs_is_listened_to(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '[web]\nhost = "0.0.0.0"')
    assert "web.host: expected 127.0.0.1, or any host together with web.token" in problem
    assert problems(tmp_path, '[web]\nhost = "0.0.0.0"\nwebhook_key = "one, two"') == []
    assert Web(webhook_key=Secret("one, two three")).webhook_keys == ("one", "two", "three")


def test_what_is_no_address_is_counted_and_never_repeated(tmp_path: Path) -> None:
    text = '[notify]\nsmtp_url = "smtp://localhost"\nemail_to = ["a@b.de", "no address", "x@y, z@y"]'
    (problem,) = problems(tmp_path, text)
    assert "expected addresses such as ops@example.com (2 of them are none)" in problem
