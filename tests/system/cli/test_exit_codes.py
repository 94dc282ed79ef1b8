"""Every exit code that scripts rely on, reached by a real process, with what it tells them."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.sandbox.faults import AnswerInstead, Delay
from migrator.sandbox.serve import serve
from migrator.store.engine import open_engine
from migrator.store.schema import head, upgrade
from tests.system.cli.stage import Stage, migrator, start

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def a_configuration(folder: Path, text: str = "") -> None:
    (folder / "migrator.toml").write_text(text, encoding="utf-8")


def execute(database: Path, statement: str) -> None:
    """Change the database behind the program's back."""
    connection = sqlite3.connect(database)
    connection.execute(statement)
    connection.commit()
    connection.close()


# -- 0 and 3: done, and done but for what waits ---------------------------------------------------------------------


def test_everything_that_can_be_read_is_done(tmp_path: Path) -> None:
    a_configuration(tmp_path)
    (tmp_path / "time.xml").write_text(
        "<time_records><time_record><id>1</id><type>TimeRecord</type><project_id>7</project_id><user_id>3</user_id>"
        "<value>1.5</value><record_date>2024-05-01</record_date><billable_status>1</billable_status></time_record>"
        "</time_records>"
    )
    done = migrator("read", "time.xml", cwd=tmp_path)
    assert done.code == 0
    assert done.err == ""
    assert done.out.startswith("1 time records with 1.50 h are known from ActiveCollab, 2024-05-01 to 2024-05-01")


def test_what_waits_for_a_person_is_three_from_read_to_verify(stage: Stage) -> None:
    read = stage.done("read", code=3)
    assert "; 3 rejected." in read.out
    assert "time record 5038: value '1h30' cannot be used; expected hours such as 5:30" in read.out
    stage.prepare("plan")
    apply = stage.done("apply", "last", code=3)
    assert "Waiting for a person: 4 held, 3 rejected. See `migrator inbox list`." in apply.out
    assert "The books agree." in stage.prepare("verify", code=3).out
    # Nothing is left to do, but somebody is still needed.
    assert "Nothing to do" in stage.done("plan", "--detailed-exitcode", code=3).out
    stage.done("sync", code=3)

    # Accepted is not waiting; what was rejected while reading is still told by `read`.
    waiting = stage.prepare("inbox", "list", "--json").document["items"]
    stage.prepare("inbox", "accept", *(item["id"] for item in waiting), "--note", "seen")
    assert stage.prepare("status", "--json").document["inbox"] == {}
    assert "Waiting" not in stage.done("sync").out
    (stage.folder / "export" / "cut.xml").write_text("<time_records><time_record><id>1</id>", encoding="utf-8")
    assert "export/cut.xml: the document is cut off" in stage.done("sync", code=3).out


# -- 1 --------------------------------------------------------------------------------------------------------------


def test_documents_of_which_none_can_be_used_are_an_error(tmp_path: Path) -> None:
    a_configuration(tmp_path)
    for name, text in (("a.xml", "<html><body>Please log in</body></html>"), ("b.xml", "")):
        (tmp_path / name).write_text(text)
    done = migrator("read", "*.xml", "--json", cwd=tmp_path)
    assert done.code == 1
    assert done.error["message"].startswith("none of 2 documents can be used; the first: ")
    assert "web page" in done.error["message"]
    assert "activecollab.files" in done.error["hint"]


# -- 2 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("plam", "Did you mean 'plan'?", "migrator --help"),
        ("plan --frum 2024-01-01", "No such option: --frum (Possible options: --from)", "migrator plan --help"),
        ("plan --from yesterday", "expected a day as YYYY-MM-DD, not 'yesterday'", "migrator plan --help"),
        ("plan --pilot --sample 3", "options --pilot and --sample both choose", ""),
        ("read nothing/*.xml", "'nothing/*.xml' matches no document", "export/*.xml"),
        ("plan", "nothing was read from ActiveCollab yet", "migrator read"),
        ("verify", "nothing was read from ActiveCollab yet", "migrator read"),
        ("map export -o map.csv", "nothing was read from ActiveCollab yet", "migrator read"),
        ("apply 99", "There is no plan 99", "migrator plan"),
        ("runs show 99", "There is no run 99", "migrator runs list"),
        ("runs show 99999999999999999999", "'99999999999999999999' is no run", "give its number"),
        ("evidence 99999999999999999999 -o x.zip", "'99999999999999999999' is no run", "give its number"),
        ("inbox show i9", "the inbox has no item 'i9'", "migrator inbox list"),
        ("db restore copy.db --no-input", "The database is replaced by copy.db", "add --yes"),
        ("init", "migrator.toml exists; it is left as it is", "edit it"),
        ("sync --allow-gate pilot", "'pilot' is not one of 'max_change', 'max_delete'", "migrator sync --help"),
    ],
)
def test_wrong_usage_says_what_was_expected(line: str, message: str, hint: str, tmp_path: Path) -> None:
    a_configuration(tmp_path)
    done = migrator(*line.split(), "--json", cwd=tmp_path)
    assert done.code == 2
    assert message in done.error["message"]
    assert hint in done.error["hint"]


def test_all_problems_of_a_configuration_are_told_at_once_with_the_nearest_key(tmp_path: Path) -> None:
    a_configuration(
        tmp_path,
        '[moco]\nurl = "http://acme.mocoapp.com"\napi_kye = "canary-mistyped"\nbulk_size = 101\n'
        '[polcy]\nrounding = "exact"\n[mapping]\ntask_strategy = "per_ticket"\n'
        '[notify]\nemail_to = ["ada@example.com"]\n[activecollab]\nurl = "http://ac.example.com"\n',
    )
    done = migrator("status", "--json", cwd=tmp_path, MIGRATOR__MOCO__CONCURENCY="2")
    assert done.code == 2
    problems = done.error["message"].splitlines()
    assert sorted(problem.split(": ")[1] for problem in problems) == sorted(
        [
            *("moco.api_kye", "moco.url", "moco.bulk_size", "[polcy]", "mapping.task_strategy", "notify.email_to"),
            *("activecollab.url", "moco.concurency"),
        ]
    )
    told = done.error["message"]
    assert "moco.api_kye: unknown key; did you mean moco.api_key?" in told
    assert "[polcy]: unknown section; did you mean policy?" in told
    assert (
        "environment MIGRATOR__MOCO__CONCURENCY: moco.concurency: unknown key; did you mean moco.concurrency?" in told
    )
    assert 'expected one of "single", "per_task", "per_job_type", not "per_ticket"' in told
    assert "notify.email_to: expected nothing, or smtp_url beside it" in told
    assert "canary" not in done.err
    # The same problems, as the answer of the command whose answer they are.
    checked = migrator("config", "check", "--json", cwd=tmp_path, MIGRATOR__MOCO__CONCURENCY="2")
    assert checked.code == 2
    assert checked.document["problems"] == problems


def test_without_a_configuration_init_is_named(tmp_path: Path) -> None:
    done = migrator("plan", "--json", cwd=tmp_path)
    assert done.code == 2
    assert "there is no such configuration file" in done.error["message"]
    assert "migrator init" in done.error["hint"]


# -- 4 --------------------------------------------------------------------------------------------------------------


def test_a_difference_is_four_and_an_explained_one_is_not(stage: Stage) -> None:
    stage.prepare("read", code=3)
    stage.done("plan", "--detailed-exitcode", code=4)
    stage.done("sync", "--dry-run", "--detailed-exitcode", code=4)
    stage.prepare("apply", "last", code=3)
    one, other = stage.sandbox.activities[3], stage.sandbox.activities[5]

    stage.sandbox.edit(replace(other, description="Corrected by hand"))
    explained = stage.done("verify", code=3)
    assert f"activity {other.id}: description (explained)" in explained.out

    stage.sandbox.remove(one)
    found = stage.done("verify", code=4)
    assert found.out.startswith("The books do not agree: 1 deleted. ")
    assert f"deleted   record {(one.remote_id or '').rpartition(':')[2]}, activity {one.id}" in found.out


# -- 5 --------------------------------------------------------------------------------------------------------------


def test_a_moco_that_does_not_answer_is_temporary_and_binds_nothing(stage: Stage) -> None:
    stage.prepare("read", code=3)
    stage.configure(url="http://127.0.0.1:9")
    done = stage.done("plan", "--json", code=5)
    assert done.error["message"] == "MOCO did not answer GET /session: the connection was refused"
    assert "it is safe" in done.error["hint"]
    # A mistyped address must not claim the database.
    stage.configure()
    stage.sandbox.fault(AnswerInstead(503), path="/projects", times=1)
    stage.prepare("plan")


# -- 6 --------------------------------------------------------------------------------------------------------------


@pytest.mark.own_database
def test_a_record_that_gets_lost_on_the_way_unbalances_the_books(stage: Stage) -> None:
    """A trigger drops queued writes, as a damaged database might; no run may then say that all is well."""
    stage.prepare("read", code=3)
    stage.prepare("plan")
    execute(
        stage.database,
        "CREATE TRIGGER lost AFTER INSERT ON work WHEN NEW.source_id % 7 = 3 "
        "BEGIN DELETE FROM work WHERE run_id = NEW.run_id AND source_id = NEW.source_id; END",
    )
    done = stage.done("apply", "last", "--json", code=6)
    assert done.error["message"].startswith("the books do not balance: 60 records of 296,424 seconds were read, ")
    assert "8 records missing and 43,200 seconds missing" in done.error["message"]
    assert "nothing more is written" in done.error["hint"]
    assert not stage.sandbox.activities
    latest = stage.prepare("runs", "show", "--json").document
    assert (latest["kind"], latest["run_exit_code"]) == ("apply", 6)

    execute(stage.database, "DROP TRIGGER lost")
    assert "All 60 source records are accounted for" in stage.prepare("apply", "last", code=3).out
    assert len({each.remote_id for each in stage.sandbox.activities}) == len(stage.sandbox.activities) == 51


# -- 7 --------------------------------------------------------------------------------------------------------------


def test_a_used_or_stale_plan_and_another_pair_of_accounts_are_refused(stage: Stage) -> None:
    stage.prepare("read", code=3)
    stage.prepare("plan", "--sample", "5")
    stage.prepare("apply", "1", code=3)
    written = len(stage.sandbox.activities)

    used = stage.done("apply", "1", "--json", code=7).error
    assert used["message"] == "plan 1 was carried out already, by run 3"
    assert "migrator plan" in used["hint"]

    stage.prepare("plan")
    odd = stage.folder / "export" / "time-3.xml"
    odd.write_text(odd.read_text(encoding="utf-8").replace("1h30", "1:30"), encoding="utf-8")
    stage.prepare("read", code=3)
    stage.configure('[policy]\nrounding = "minute"')
    stale = stage.done("apply", "last", "--json", code=7).error
    assert (
        "plan 2 is stale: what was read from ActiveCollab and the policy in the configuration changed"
        in (stale["message"])
    )

    stage.configure(url=stage.url.replace("127.0.0.1", "localhost"))
    other = stage.done("plan", "--json", code=7).error
    assert "the MOCO account '127.0.0.1:" in other["message"]
    assert "not to 'main' and 'localhost:" in other["message"]
    assert "use another database for the new pair" in other["hint"]
    assert len(stage.sandbox.activities) == written


# -- 8 --------------------------------------------------------------------------------------------------------------


def test_a_limit_stops_and_the_same_command_goes_on(stage: Stage) -> None:
    stage.prepare("read", code=3)
    stage.prepare("plan")
    first = stage.done("apply", "last", "--limit", "5", "--json", code=8).document
    assert (first["counts"]["created"], first["counts"]["pending"]) == (5, 47)
    assert first["verdict"].endswith("; run the same command again.")
    assert len(stage.sandbox.activities) == 5
    assert "Stopped at the limit you set" in stage.done("apply", "last", "--max-duration", "0.001s", code=8).out
    assert len(stage.sandbox.activities) == 5
    stage.prepare("apply", "last", code=3)
    assert len({each.remote_id for each in stage.sandbox.activities}) == len(stage.sandbox.activities) == 51


# -- 10 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["plan", "read", "db check", "db upgrade", "status"])
@pytest.mark.own_database
def test_a_schema_of_another_version_is_never_touched(command: str, tmp_path: Path) -> None:
    a_configuration(tmp_path)
    migrator("status", cwd=tmp_path)
    execute(tmp_path / "migrator.db", "UPDATE alembic_version SET version_num = '0000'")
    done = migrator(*command.split(), "--json", cwd=tmp_path)
    assert done.code == 10
    assert "schema 0000" in done.error["message"]
    assert head() in done.error["message"]
    assert done.error["hint"]


@pytest.mark.own_database
def test_an_older_schema_is_upgraded_only_when_somebody_says_so(tmp_path: Path) -> None:
    a_configuration(tmp_path)
    engine = open_engine(f"sqlite:///{tmp_path / 'migrator.db'}")
    upgrade(engine, "0001")
    engine.dispose()
    for command in ("status", "read", "sync"):
        done = migrator(command, "--json", cwd=tmp_path)
        assert done.code == 10
        assert f"The database has schema 0001; this version needs {head()}." in done.error["message"]
        assert "migrator db upgrade" in done.error["hint"]
    assert migrator("db", "upgrade", cwd=tmp_path).code == 0
    assert migrator("status", cwd=tmp_path).code == 0


def test_a_database_without_a_schema_is_told_in_one_line(tmp_path: Path) -> None:
    a_configuration(tmp_path)
    checked = migrator("db", "check", cwd=tmp_path)
    assert checked.code == 10
    assert checked.err.startswith(
        f"migrator: the database is not what it should be: no schema yet, instead of {head()}\nhint: "
    )
    assert migrator("db", "current", cwd=tmp_path).code == 10
    # The first command that needs a database makes one.
    assert migrator("status", cwd=tmp_path).code == 0
    assert migrator("db", "check", cwd=tmp_path).code == 0


@pytest.mark.own_database
def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    a_configuration(tmp_path)
    (tmp_path / "migrator.db").write_text("a letter to the editor\n" * 100)
    done = migrator("status", "--json", cwd=tmp_path)
    assert done.code == 10
    assert done.error["message"] == "The database file cannot be used: file is not a database."
    assert "migrator db restore" in done.error["hint"]


# -- 11 and 130 -----------------------------------------------------------------------------------------------------


def until(happens: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_run_works_at_a_time_and_an_interrupted_one_resumes(number: signal.Signals, stage: Stage) -> None:
    stage.prepare("read", code=3)
    stage.prepare("plan")
    stage.sandbox.fault(Delay(1, applied=True), method="POST", path="/activities/bulk")
    working = start("apply", "last", cwd=stage.folder)
    until(lambda: any(each.path.endswith("/bulk") for each in stage.sandbox.requests))

    second = stage.done("apply", "last", "--json", code=11)
    assert second.error["message"].startswith("`apply 1` is working since 20")
    assert f"process {working.pid} on {os.uname().nodename}" in second.error["message"]
    assert "Wait until it ends" in second.error["hint"]
    assert stage.prepare("status", "--json").document["running"].startswith("apply 1 on ")

    working.send_signal(number)
    # What is in flight is awaited and written down before the run ends.
    stage.gate.set()
    out, err = working.communicate(timeout=60)
    assert (working.returncode, out) == (130, "")
    assert err == "migrator: interrupted, state is consistent; run the same command again\n"
    assert stage.prepare("runs", "show", "--json").document["run_exit_code"] == 130

    stage.prepare("apply", "last", code=3)
    assert len({each.remote_id for each in stage.sandbox.activities}) == len(stage.sandbox.activities) == 51


def test_an_interruption_is_told_as_json_too(stage: Stage) -> None:
    stage.prepare("read", code=3)
    stage.sandbox.fault(Delay(1, applied=True), path="/session")
    working = start("plan", "--json", cwd=stage.folder)
    until(lambda: bool(stage.sandbox.requests))
    working.send_signal(signal.SIGINT)
    out, err = working.communicate(timeout=60)
    assert (working.returncode, out) == (130, "")
    message = "interrupted, state is consistent; run the same command again"
    assert err == f'{{"error": {{"code": 130, "message": "{message}", "hint": ""}}}}\n'


# -- 12 -------------------------------------------------------------------------------------------------------------


def test_a_refused_key_is_told_apart_from_an_unknown_account(stage: Stage) -> None:
    stage.prepare("read", code=3)
    stage.configure(api_key="canary-not-accepted")
    refused = stage.done("plan", "--json", code=12)
    assert refused.error["message"] == "MOCO refused the key: Invalid API key."
    assert refused.error["hint"] == "Check moco.api_key."
    assert "canary" not in refused.err

    with serve(_Unknown(_unknown_subdomain)) as other:
        stage.configure(url=other.url)
        unknown = stage.done("plan", "--json", code=12)
    assert unknown.error["message"] == "MOCO does not know this account: Subdomain does not exist."
    assert unknown.error["hint"] == "Check the name in moco.url."
    # Neither of them claimed the database.
    stage.configure()
    stage.prepare("plan")


@dataclass(frozen=True, slots=True)
class _Unknown:
    wsgi: WSGIApplication


def _unknown_subdomain(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """What MOCO answers under a name that nobody has: the status of a wrong key, and other words."""
    start_response("401 Unauthorized", [("Content-Type", "application/json; charset=utf-8")])
    return [b'{"message":"Subdomain does not exist."}']
