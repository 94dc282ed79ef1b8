"""`deploy/`: what no engine runs here is parsed and held against rules, and against the program that it starts."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from migrator.app import database
from migrator.app.config import load
from migrator.app.configuration.model import Config, is_secret, key_names, sections
from migrator.app.progress import LoggedProgress
from migrator.app.service.metrics import metrics
from migrator.app.wiring import Clock, Workplace
from migrator.errors import ExitCode
from migrator.store import account, runs
from migrator.store.engine import open_engine, reading, writing
from migrator.store.inbox import ItemKind
from migrator.store.schema import upgrade
from tests.unit.store.builders import WHEN
from tests.unit.test_documents import _wrong_with

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"

STATED_EXPOSURE = 1.2
"""What README says of `systemd-analyze security`."""


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def documents(name: str) -> list[Any]:
    """The documents of a YAML file; Any: it is whatever is written there."""
    return list(yaml.safe_load_all(text(name)))


def settings() -> set[str]:
    """Every variable that can set a key of the configuration."""
    found = set()
    for name, section in sections().items():
        for key, attribute in key_names(section).items():
            variable = f"MIGRATOR__{name}__{key}".upper()
            found |= {variable, f"{variable}_FILE"} if is_secret(section, attribute) else {variable}
    return found | {"MIGRATOR_CONFIG"}


def ours(variables: set[str]) -> set[str]:
    """Those that are meant for the program."""
    return {name for name in variables if name.startswith("MIGRATOR_")}


# -- the image -------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, continued lines joined."""
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text("Dockerfile"), flags=re.MULTILINE)).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in lines if line.strip()]


def test_the_image_runs_as_nobody_and_asks_no_shell() -> None:
    found = instructions()
    last = found[max(at for at, (name, _) in enumerate(found) if name == "FROM") :]
    user = [arguments for name, arguments in last if name == "USER"]
    assert user
    assert all(int(number) >= 10_000 for number in user[-1].split(":"))
    assert {name for name, _ in found}.isdisjoint({"ADD", "SHELL", "ONBUILD", "MAINTAINER"})
    for name, arguments in found:
        if name in {"RUN", "CMD", "ENTRYPOINT"}:
            assert json.loads(arguments), arguments
    (health,) = [arguments for name, arguments in last if name == "HEALTHCHECK"]
    probe = json.loads(health.partition("CMD ")[2])
    assert "urllib.request.urlopen('http://127.0.0.1:8420/healthz'" in probe[2]
    compile(probe[2], "healthcheck", "exec")
    assert not re.search(r"latest|curl|wget|apt-get|password|api_key", text("Dockerfile"))


def test_the_image_holds_what_the_lock_names_and_starts_what_exists() -> None:
    found = instructions()
    (pip,) = [json.loads(arguments) for name, arguments in found if name == "RUN" and "/pip" in arguments]
    assert {"--require-hashes", "--only-binary=:all:", "--requirement=/tmp/requirements.lock"} <= set(pip)
    copied = [arguments.split()[-2] for name, arguments in found if name == "COPY" and "--from" not in arguments]
    assert copied
    assert [each for each in copied if not (ROOT / each).exists()] == []
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == allowed
    command = [json.loads(arguments) for name, arguments in found if name in {"ENTRYPOINT", "CMD"}]
    assert command[0] == ["python", "-m", "migrator"]
    assert _wrong_with(shlex.join(["migrator", *command[1]])) == ""


def locked(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package of a lock."""
    blocks = re.split(r"^(?=[a-z0-9])", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for block in filter(None, (block.strip() for block in blocks)):
        name, version = block.split(maxsplit=1)[0].split("==")
        found[name] = (version, frozenset(re.findall(r"--hash=(\S+)", block)))
    return found


def test_the_lock_of_the_image_is_a_part_of_the_one_that_was_tested_and_enough_to_run() -> None:
    small, whole = locked(DEPLOY / "requirements.lock"), locked(ROOT / "requirements.lock")
    assert all(hashes for _, hashes in small.values())
    assert {name: each for name, each in small.items() if whole.get(name) != each} == {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    needed: set[str] = set()
    while waiting:
        requirement = Requirement(waiting.pop())
        if str(requirement) in needed:
            continue
        needed.add(str(requirement))
        for each in requires(requirement.name) or ():
            inner = Requirement(each)
            # What is asked for by an extra, or on this system; without the condition, which was met.
            if inner.marker is None or any(
                inner.marker.evaluate({"extra": extra}) for extra in requirement.extras | {""}
            ):
                inner.marker = None
                waiting.append(str(inner))
    names = {re.sub(r"[-_.]+", "-", Requirement(each).name).lower() for each in needed}
    assert names - set(small) == set()


# -- compose and Kubernetes ------------------------------------------------------------------------------------------


def test_every_container_of_the_compose_file_is_locked_in() -> None:
    (compose,) = documents("compose.yaml")
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["user"].partition(":")[0]) > 0, name
        assert {"mem_limit", "pids_limit", "tmpfs", "restart", "stop_grace_period"} <= set(service), name
        assert set(service["secrets"]) <= set(compose["secrets"]), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        assert "latest" not in service["image"]
        assert ":" in service["image"]
        for published in service.get("ports", ()):
            assert published.startswith("127.0.0.1:"), published
        for mounted in service["volumes"]:
            source = mounted.partition(":")[0]
            assert source in compose["volumes"] or mounted == "./migrator.toml:/etc/migrator/migrator.toml:ro"
    assert all(list(secret) == ["file"] for secret in compose["secrets"].values())


def test_no_secret_stands_in_a_compose_file_and_every_variable_is_a_setting(tmp_path: Path) -> None:
    (compose,) = documents("compose.yaml")
    for service in compose["services"].values():
        for variable, value in service["environment"].items():
            if re.search(r"PASSWORD|TOKEN|KEY", variable):
                assert variable.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    ours_there = compose["services"]["migrator"]
    assert ours(set(ours_there["environment"])) - settings() == set()
    assert _wrong_with(shlex.join(["migrator", *ours_there["command"]])) == ""
    for secret in ours_there["secrets"]:
        (tmp_path / secret).write_text("s" * 32)
    (tmp_path / "migrator.toml").touch()
    there = {"MIGRATOR_CONFIG": str(tmp_path / "migrator.toml"), **ours_there["environment"]}
    config = load(None, {name: value.replace("/run/secrets", str(tmp_path)) for name, value in there.items()})
    assert (config.web.host, config.database.address) == (
        "0.0.0.0",
        f"postgresql+psycopg://migrator:{'s' * 32}@postgres/migrator",
    )
    assert ours_there["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}


def pods() -> Iterator[tuple[str, Any]]:
    """The pods of all manifests."""
    for name in ("kubernetes/deployment.yaml", "kubernetes/cronjob.yaml"):
        for each in documents(name):
            if each["kind"] == "Deployment":
                yield name, each["spec"]["template"]["spec"]
            if each["kind"] == "CronJob":
                assert each["spec"]["concurrencyPolicy"] == "Forbid"
                yield name, each["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_every_pod_is_locked_in_and_takes_its_secrets_as_files() -> None:
    found = dict(pods())
    assert len(found) == 2
    for name, pod in found.items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] >= 10_000, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert "memory" in container["resources"]["limits"], name
        assert {mount["name"] for mount in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}
        assert ours({each["name"] for each in container["env"]}) - settings() == set()
        for each in container["env"]:
            assert each["name"].endswith("_FILE") or not re.search(r"PASSWORD|TOKEN|KEY", each["name"])
        if "args" in container:
            assert _wrong_with(shlex.join(["migrator", *container["args"]])) == ""
            probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
            assert probes == [{"path": "/healthz", "port": "http"}] * 3
        else:
            compile(container["command"][2], "cronjob", "exec")


# -- systemd ---------------------------------------------------------------------------------------------------------

HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "MemoryMax": "512M",
    "User": "migrator",
    "StateDirectory": "migrator",
}


def unit(path: Path) -> dict[str, list[str]]:
    """The keys of a unit with all their values, whatever section they stand in."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            key, equals, value = line.partition("=")
            assert equals, line
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("path", sorted(SYSTEMD.glob("*.service")), ids=lambda path: path.stem)
def test_each_unit_gives_up_what_it_does_not_need(path: Path) -> None:
    found = unit(path)
    assert {key: found[key][-1] for key in HARDENED} == HARDENED
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    variables = dict(each.split("=", 1) for each in found["Environment"])
    assert ours(set(variables)) - settings() == set()
    credentials = {each.partition(":")[0] for each in found["LoadCredential"]}
    used = {value.removeprefix("%d/") for name, value in variables.items() if name.endswith("_FILE")}
    assert used == credentials
    program, *words = shlex.split(found["ExecStart"][0])
    if program.endswith("/migrator"):
        assert _wrong_with(shlex.join(["migrator", *words])) == ""
    else:
        assert (DEPLOY / Path(program).name).is_file()


def test_each_timer_starts_a_unit_and_what_a_timer_takes_for_success_is_what_readme_says() -> None:
    for path in SYSTEMD.glob("*.timer"):
        assert path.with_suffix(".service").is_file()
    assert unit(SYSTEMD / "migrator-sync.service")["SuccessExitStatus"] == ["3 5 8 11"]
    prevented = unit(SYSTEMD / "migrator.service")["RestartPreventExitStatus"]
    never_better = {ExitCode.USAGE, ExitCode.DATABASE, ExitCode.LOGIN}
    assert {ExitCode(int(code)) for code in prevented[0].split()} == never_better


def test_systemd_itself_finds_nothing_wrong_where_it_is_installed(tmp_path: Path) -> None:
    assert f"**{STATED_EXPOSURE} (OK)**" in text("README.md")
    program = shutil.which("systemd-analyze")
    if program is None:
        # Parsed above all the same.
        return
    for path in SYSTEMD.iterdir():
        # It looks whether the program is there.
        there = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(there, encoding="utf-8")
    units = [str(path) for path in sorted(tmp_path.iterdir()) if path.suffix in {".service", ".timer"}]
    verified = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    for each in units:
        if each.endswith(".service"):
            asked = [program, "security", "--offline=yes", f"--threshold={int(STATED_EXPOSURE * 10)}", each]
            told = subprocess.run(asked, capture_output=True, text=True, check=False)
            assert told.returncode == 0, told.stdout[-200:]


# -- alerts and dashboard --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of all figures that /metrics has once something ran."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('metrics') / 'm.db'}")
    upgrade(engine)
    with writing(engine) as session:
        run = runs.start_run(session, "sync", WHEN)
        runs.finish_run(session, run, WHEN, exit_code=0)
    told = metrics(Workplace(Config(), engine, LoggedProgress(silent=True), Clock())).get_data(as_text=True)
    engine.dispose()
    return frozenset(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE))


def named(expression: str) -> set[str]:
    """The figures of ours in an expression."""
    return set(re.findall(r"\bmigrator_[a-z_]+", expression))


def test_every_figure_of_an_alert_exists_and_every_command_in_it_does(exported: frozenset[str]) -> None:
    (rules,) = documents("prometheus/rules.yaml")
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts)
    for alert in alerts:
        assert named(alert["expr"]), alert["alert"]
        assert named(alert["expr"]) - exported == set(), alert["alert"]
        for kind in re.findall(r'kind="(\w+)"', alert["expr"]):
            assert ItemKind(kind)
        for code in re.findall(r"exit_code\) by \(kind\) == (\d+)", alert["expr"]):
            assert ExitCode(int(code))
        told = alert["annotations"]["description"]
        commands = [span for span in re.findall(r"`([^`]+)`", told) if span.startswith("migrator ")]
        assert [line for line in commands if _wrong_with(line)] == []
        assert alert["labels"]["severity"] in {"page", "ticket"}
    program = shutil.which("promtool")
    if program is not None:
        checked = subprocess.run(
            [program, "check", "rules", str(DEPLOY / "prometheus/rules.yaml")], capture_output=True, check=False
        )
        assert checked.returncode == 0, checked.stderr


def test_the_dashboard_shows_only_figures_that_exist_and_no_panel_lies_on_another(exported: frozenset[str]) -> None:
    board = json.loads(text("grafana/migrator.json"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["title"]
        for target in panel["targets"]:
            assert named(target["expr"])
            assert named(target["expr"]) - exported == set(), panel["title"]
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not taken & cells, panel["title"]
        taken |= cells


# -- the runbook -----------------------------------------------------------------------------------------------------


def test_the_runbook_has_an_entry_for_each_exit_code() -> None:
    table = text("README.md").partition("## Every exit code")[2].partition("\n## ")[0]
    told = re.findall(r"^\| (\d+) \|", table, re.MULTILINE)
    assert [int(code) for code in told] == sorted(int(code) for code in ExitCode)


def test_the_configuration_of_the_runbook_can_be_used(tmp_path: Path) -> None:
    written = re.search(r"cat > migrator\.toml <<'END'\n(.*?)\nEND\n", text("README.md"), re.DOTALL)
    assert written
    for name in ("moco_api_key", "activecollab_token", "database_password"):
        (tmp_path / name).write_text("k" * 24)
    config = tmp_path / "migrator.toml"
    config.write_text(written[1])
    assert load(config, {}).moco.api_key.reveal() == "k" * 24
    (blocks,) = [re.findall(r"^```toml\n(.*?)^```", text("README.md"), re.MULTILINE | re.DOTALL)]
    assert blocks
    for block in blocks:
        config.write_text(block)
        assert load(config, {}).database.password
    for path in ("migrator.service", "migrator-sync.service"):
        given = dict(each.split("=", 1) for each in unit(SYSTEMD / path)["Environment"])
        environ = {name: value.replace("%d", str(tmp_path)) for name, value in given.items()}
        config.write_text(written[1])
        loaded = load(None, {**environ, "MIGRATOR_CONFIG": str(config)})
        assert loaded.database.url == "sqlite:////var/lib/migrator/migrator.db"
        assert "environment" in loaded.source_of("moco.api_key")


def test_the_runbook_and_the_units_speak_of_the_same_places() -> None:
    told = text("README.md")
    for path in SYSTEMD.glob("*.service"):
        for place in re.findall(r"(/(?:opt|etc|var/lib)/migrator[\w./-]*)", path.read_text(encoding="utf-8")):
            assert place.rstrip(".") in told or place.startswith("/etc/systemd"), place
    # Each anchor of its list of contents is a heading: test_documents; each file of its table is there.
    for name in re.findall(r"\]\(((?!\.\.)[\w/.-]+)\)", told):
        assert (DEPLOY / name).exists(), name


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind in the runbook, continued lines joined."""
    found = re.findall(rf"^```{kind}\n(.*?)^```", text("README.md"), re.MULTILINE | re.DOTALL)
    return [block.replace("\\\n", " ") for block in found]


def test_by_hand_and_by_cron_runs_what_the_units_run() -> None:
    (by_hand,) = [line for block in blocks("sh") for line in block.splitlines() if "migrator serve" in line]
    # It becomes the program; `runuser` would stay in between, and kill it two seconds after SIGTERM.
    program, *words = shlex.split(by_hand)
    assert program == "setpriv"
    service = unit(SYSTEMD / "migrator.service")
    settled = [each.replace("%d", "/etc/migrator") for each in service["Environment"]]
    assert words[words.index("env") + 1 :] == settled + shlex.split(service["ExecStart"][0])
    (line,) = blocks("cron")
    # Cron looks for programs in /usr/bin and /bin only.
    assert shlex.split(unit(SYSTEMD / "migrator-sync.service")["ExecStart"][0])[0] in line.split()


def test_containers_and_pods_do_not_begin_before_the_first_migration_and_copies_are_made_where_pg_dump_is() -> None:
    told = text("README.md").partition("## In containers")[2].partition("## The weekend")[0]
    before, _, after = told.partition("docker compose up -d")
    assert "(#the-weekend)" in before
    assert "pg_dump" not in text("Dockerfile")
    assert "(#backup-and-restore)" in after
    (compose,) = documents("compose.yaml")
    role = compose["services"]["postgres"]["environment"]["POSTGRES_USER"]
    made = [line for block in blocks("sh") for line in block.splitlines() if "exec -T postgres" in line]
    assert [shlex.split(line)[5] for line in made] == ["pg_dump", "dropdb", "createdb", "pg_restore"]
    assert {words[words.index("--username") + 1] for words in map(shlex.split, made)} == {role}


def test_the_nightly_copy_can_be_restored_and_old_ones_go(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'migrator.db'}")
    upgrade(engine)
    with writing(engine) as session:
        account.learn(session, "what", "before", WHEN)
    engine.dispose()
    config = tmp_path / "migrator.toml"
    config.write_text('[database]\nurl = "sqlite:///migrator.db"\n')
    copies = tmp_path / "copies"
    copies.mkdir()
    for name in ("migrator-20200101T000000Z.copy", "somebody-elses.copy"):
        (copies / name).touch()
        os.utime(copies / name, (0, 0))
    environ = {**os.environ, "MIGRATOR": f"{sys.executable} -m migrator", "MIGRATOR_CONFIG": str(config)}
    environ["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        ["/bin/sh", str(DEPLOY / "backup.sh"), str(copies), "14"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    other, made = sorted(copies.iterdir(), key=lambda path: path.name, reverse=True)
    assert other.name == "somebody-elses.copy"
    assert made.stat().st_mode & 0o077 == 0
    (tmp_path / "migrator.db").unlink()
    database.restore(load(config, {}), made)
    again = open_engine(f"sqlite:///{tmp_path / 'migrator.db'}")
    with reading(again) as session:
        assert account.fact(session, "what") == "before"
    again.dispose()
