"""Around every command: answers, failures, help, exit codes, and what is imported for them."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

import migrator
from migrator.app.answer import Answer
from migrator.app.cli.frame import Command, Frame, Group
from migrator.app.cli.main import run
from migrator.app.secret import register_secret
from migrator.errors import ConfigurationError, ExitCode, LoginRefused, MigratorError

Captured = pytest.CaptureFixture[str]


def one_command(body: Callable[[typer.Context], Answer]) -> Callable[[], typer.Typer]:
    """A program of a single command, `do`, to stand in the frame."""

    def build() -> typer.Typer:
        root = typer.Typer(cls=Group, add_completion=False)
        root.command("do", cls=Command)(body)

        @root.callback()
        def everything() -> None:
            pass

        return root

    return build


def answering(text: str, code: ExitCode = ExitCode.DONE, **document: object) -> Callable[[], typer.Typer]:
    def body(context: typer.Context) -> Answer:
        Frame.of(context)
        return Answer(text, dict(document), code)

    return one_command(body)


def failing(error: BaseException) -> Callable[[], typer.Typer]:
    def body(context: typer.Context) -> Answer:
        Frame.of(context)
        raise error

    return one_command(body)


def process(*arguments: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """The program as its users start it."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; from migrator.app.cli.main import run; sys.exit(run())", *arguments],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# -- answers ---------------------------------------------------------------------------------------------------


def test_an_answer_is_text_on_stdout_and_its_exit_code(capsys: Captured) -> None:
    assert run(["do"], answering("all is well", ExitCode.NEEDS_A_PERSON)) == 3
    assert capsys.readouterr() == ("all is well\n", "")


def test_with_json_the_answer_is_one_document_in_its_own_order(capsys: Captured) -> None:
    assert run(["do", "--json"], answering("ignored", ExitCode.DIFFERENCES, schema="x/1", counts={"ä": 1})) == 4
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert list(document.items()) == [("schema", "x/1"), ("counts", {"ä": 1}), ("exit_code", 4)]
    assert captured.err == ""


def test_no_answer_shows_a_secret(capsys: Captured) -> None:
    register_secret("canary-answered")
    for arguments in (["do"], ["do", "--json"]):
        run(arguments, answering("with canary-answered", x="canary-answered"))
        assert "canary" not in capsys.readouterr().out


# -- failures --------------------------------------------------------------------------------------------------


def test_a_failure_says_what_happened_and_what_to_do(capsys: Captured) -> None:
    error = LoginRefused("MOCO refused the key", hint="make a new one")
    assert run(["do"], failing(error)) == 12
    assert capsys.readouterr() == ("", "migrator: MOCO refused the key\nhint: make a new one\n")


def test_with_json_a_failure_is_one_object_on_stderr(capsys: Captured) -> None:
    assert run(["--json", "do"], failing(LoginRefused("no", hint="new key"))) == 12
    captured = capsys.readouterr()
    assert json.loads(captured.err) == {"error": {"code": 12, "message": "no", "hint": "new key"}}
    assert captured.out == ""


def test_every_problem_of_a_configuration_has_its_line(capsys: Captured) -> None:
    assert run(["do"], failing(ConfigurationError(("first", "second")))) == 2
    assert capsys.readouterr().err == "migrator: first\n          second\n"


def test_a_defect_is_one_line_without_a_traceback(capsys: Captured) -> None:
    assert run(["do"], failing(ZeroDivisionError("by zero\nwith details"))) == 1
    told = capsys.readouterr().err
    assert told == "migrator: unexpected ZeroDivisionError: by zero; run again with -v for the traceback\n"


def test_a_defect_shows_its_traceback_on_request_without_secrets(capsys: Captured) -> None:
    register_secret("canary-in-a-defect")
    assert run(["do", "-v"], failing(ValueError("canary-in-a-defect"))) == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "unexpected ValueError: ***" in told
    assert "canary-in-a-defect" not in told


def test_with_json_a_defect_is_an_object_too(capsys: Captured) -> None:
    assert run(["do", "--json"], failing(ValueError("odd"))) == 1
    assert json.loads(capsys.readouterr().err)["error"]["message"] == "unexpected ValueError: odd"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), EOFError()])
def test_an_interruption_is_130_and_says_how_to_go_on(error: BaseException, capsys: Captured) -> None:
    assert run(["do"], failing(error)) == 130
    assert capsys.readouterr().err.strip() == ("migrator: interrupted, state is consistent; run the same command again")


def test_sigterm_stops_a_command_as_an_interruption_does(capsys: Captured) -> None:
    def body(context: typer.Context) -> Answer:
        Frame.of(context)
        signal.raise_signal(signal.SIGTERM)
        raise MigratorError("went on after SIGTERM")

    before = signal.getsignal(signal.SIGTERM)
    assert run(["do", "--json"], one_command(body)) == 130
    assert json.loads(capsys.readouterr().err)["error"]["code"] == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_reader_that_goes_away_changes_nothing(tmp_path: Path) -> None:
    # Longer than a pipe holds, so that the answer meets the closed end.
    program = (
        "import sys, typer; from migrator.app.answer import Answer; from migrator.app.cli.main import run\n"
        "from migrator.app.cli.frame import Command\n"
        "root = typer.Typer(add_completion=False)\n"
        "root.callback()(lambda: None)\n"
        "@root.command('do', cls=Command)\n"
        "def do() -> Answer: return Answer('x' * 1_000_000, {})\n"
        "sys.exit(run(['do'], lambda: root))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(1)
        child.stdout.close()
        told = child.stderr.read()
    assert (child.returncode, told) == (0, b"")


# -- usage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["map", "exprt"], "No such command 'exprt'. Did you mean 'export'?", "migrator map --help"),
        (["map"], "a command is missing after `migrator map`: one of suggest, export,", "migrator map --help"),
        (["plan", "--bogus"], "No such option: --bogus", "migrator plan --help"),
        (["plan", "--from", "x"], "'--from': expected a day as YYYY-MM-DD, not 'x'", "migrator plan --help"),
        (["plan", "--sample", "0"], "'--sample': Input should be greater than or equal to 1", "migrator plan --help"),
        (["plan", "--pilot", "--sample", "9"], "options --pilot and --sample both choose", ""),
        (["verify", "--plan", "1", "--full"], "option --plan means the records of that plan", ""),
        (["apply", "1", "--allow-gate", "max_change"], "'--allow-gate'", "migrator apply --help"),
        (["apply"], "Missing argument 'PLAN'", "migrator apply --help"),
        (["apply", "1", "--max-duration", "2"], "expected a duration such as 15m", "migrator apply --help"),
        (["show", "1", "--format", "pdf"], "'--format'", "migrator show --help"),
        (["sync", "--allow-gate", "all"], "'--allow-gate'", "migrator sync --help"),
        (["sync", "--detailed-exitcode"], "goes with --dry-run", ""),
        (["verify", "--full", "--from", "2024-01-01"], "--full means all days", ""),
        (["map", "export"], "Missing option '--output' / '-o'", "migrator map export --help"),
        (["inbox", "retry"], "name what to try again, or give --all", "inbox list"),
        (["inbox", "retry", "i1", "--all"], "name what to try again, or give --all", "inbox list"),
        (["inbox", "accept", "i1"], "Missing option '--note'", "migrator inbox accept --help"),
        (["--config"], "option --config needs a value", "migrator --help"),
    ],
)
def test_wrong_usage_exits_2_and_names_the_help(
    arguments: list[str], message: str, hint: str, capsys: Captured
) -> None:
    assert run([*arguments, "--json"] if arguments != ["--config"] else ["--json", "--config"]) == 2
    error = json.loads(capsys.readouterr().err)["error"]
    assert error["code"] == 2
    assert message in error["message"]
    assert hint in error["hint"]


def test_wrong_usage_as_text_begins_with_the_name_of_the_program(capsys: Captured) -> None:
    assert run(["aply", "1"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("migrator: No such command 'aply'. Did you mean 'apply'?\nhint: ")


# -- help ------------------------------------------------------------------------------------------------------

COMMANDS = [
    *("demo", "init", "config check", "config show", "read", "map suggest", "map export", "map check", "map apply"),
    *("plan", "show", "apply", "verify", "sync", "inbox list", "inbox show", "inbox retry", "inbox accept"),
    "inbox resolve",
    *("runs list", "runs show", "status", "db upgrade", "db current", "db check", "db backup", "db restore", "sandbox"),
]


@pytest.mark.parametrize("command", ["", "config", "map", "inbox", "runs", "db", *COMMANDS])
def test_every_help_shows_the_options_of_everywhere(command: str, capsys: Captured) -> None:
    assert run([*command.split(), "--help"]) == 0
    told = capsys.readouterr().out
    for option in ("--config", "--json", "--log-format", "--verbose", "--quiet", "--no-input", "--yes", "--version"):
        assert option in told
    assert "<bool>" not in told.replace("-completion          <bool>", "")


def test_the_help_leads_with_the_everyday_path_and_groups_the_commands(capsys: Captured) -> None:
    assert run(["--help"]) == 0
    told = capsys.readouterr().out
    landmarks = [
        "init → doctor → read → map → plan → apply → verify",
        *("─ Start ─", " demo ", " init ", " config ", " doctor "),
        *("─ Migrate ─", " read ", " map ", " plan ", " show ", " apply "),
        *(" verify ", "─ Keep in sync ─", " sync ", "─ Look ─", " status ", " inbox ", " runs ", "─ Administer ─"),
        *(" hooks ", " db ", " sandbox ", "Examples", "migrator demo"),
    ]
    position = 0
    for landmark in landmarks:
        position = told.index(landmark, position)


def test_without_a_command_the_help_is_shown_and_nothing_counts_as_done(capsys: Captured) -> None:
    assert run([]) == 2
    assert "Examples" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--version"], ["plan", "--version"]])
def test_the_version_is_told_wherever_it_is_asked_for(arguments: list[str], capsys: Captured) -> None:
    assert run(arguments) == 0
    assert capsys.readouterr().out == f"migrator {migrator.__version__}\n"


@pytest.mark.parametrize(
    ("argument", "unwanted"),
    [
        ("--version", {"typer", "rich"}),
        ("--help", set[str]()),
    ],
)
def test_nothing_heavy_is_imported_for_version_and_help(argument: str, unwanted: set[str]) -> None:
    heavy = {"alembic", "flask", "lxml", "pydantic", "rapidfuzz", "requests", "sqlalchemy", "structlog"} | unwanted
    program = (
        "import sys; from migrator.app.cli.main import run\n"
        f"run([{argument!r}])\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert not heavy & set(done.stderr.split())


def test_a_pipe_gets_no_colour() -> None:
    assert "\x1b" not in process("--help").stdout


def test_completion_offers_commands_and_the_options_of_everywhere() -> None:
    def offered(words: str, index: int) -> set[str]:
        done = process(_MIGRATOR_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(index))
        return set(done.stdout.split())

    assert {"plan", "map", "status"} <= offered("migrator ", 1)
    assert {"--sample", "--json"} <= offered("migrator plan --", 2)


def test_completion_can_be_shown() -> None:
    # Typer asks the parent process for its shell unless it is told not to; then the shell is named.
    done = process("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0
    assert "_MIGRATOR_COMPLETE" in done.stdout


# -- confirmation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"), [([], 2), (["--no-input"], 2), (["--yes"], 0), (["--no-input", "--yes"], 0)]
)
def test_what_needs_a_confirmation_fails_without_one(arguments: list[str], code: int, capsys: Captured) -> None:
    def body(context: typer.Context) -> Answer:
        Frame.of(context).confirm("Everything is replaced.")
        return Answer("done", {})

    assert run(["do", *arguments], one_command(body)) == code
    if code:
        assert "Everything is replaced. This needs a confirmation.\nhint: add --yes" in capsys.readouterr().err


# -- init and config -------------------------------------------------------------------------------------------


def test_init_writes_a_private_configuration_and_a_database(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "m.toml"
    assert run(["init", "--config", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "migrator.db").stat().st_mode) == 0o600
    capsys.readouterr()
    assert run(["db", "current", "--config", str(file)]) == 0


def test_init_gives_the_database_the_password_that_stands_beside_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("MIGRATOR__DATABASE__URL", f"postgresql+psycopg://jo@/books?host={tmp_path}")
    monkeypatch.setenv("MIGRATOR__DATABASE__PASSWORD", "s3cret")
    assert run(["init", "--config", str(tmp_path / "m.toml")]) == 10
    assert "jo:***@" in capsys.readouterr().err


def test_init_never_overwrites(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "m.toml"
    file.write_text("# mine")
    assert run(["init", "--config", str(file), "--yes"]) == 2
    assert "exists; it is left as it is" in capsys.readouterr().err
    assert file.read_text() == "# mine"


def test_init_names_a_folder_that_is_not_there(tmp_path: Path, capsys: Captured) -> None:
    assert run(["init", "--config", str(tmp_path / "none" / "m.toml")]) == 2
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


def test_config_check_lists_what_is_still_missing_after_init(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "m.toml"
    run(["init", "--config", str(file)])
    capsys.readouterr()
    assert run(["config", "check", "--config", str(file), "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], document["exit_code"]) == (False, 2)
    assert [problem.split(": ")[1] for problem in document["problems"]] == ["moco.url", "moco.api_key"]


def test_config_check_is_content_with_a_complete_configuration(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "m.toml"
    file.write_text('[moco]\nurl = "https://acme.mocoapp.com"\napi_key = "canary-checked"')
    assert run(["config", "check", "--config", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: no problems\n"


def test_config_show_masks_and_tells_the_source(tmp_path: Path) -> None:
    (tmp_path / "migrator.toml").write_text('[moco]\nurl = "https://acme.mocoapp.com"')
    done = process("config", "show", cwd=tmp_path, MIGRATOR__MOCO__API_KEY="canary-environment")
    assert done.returncode == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert 'moco.api_key = "***" # environment MIGRATOR__MOCO__API_KEY' in lines
    assert f'moco.url = "https://acme.mocoapp.com" # file {tmp_path}/migrator.toml' in lines
    assert "canary" not in done.stdout + done.stderr


def test_a_missing_configuration_names_init(tmp_path: Path) -> None:
    done = process("status", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no such configuration file" in done.stderr
    assert "migrator init" in done.stderr
