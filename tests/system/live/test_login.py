"""`login`: a token for a user name and password, kept in a file; the password is kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.serve import serve
from tests.system.cli.stage import migrator
from tests.system.live.scene import furnish

USER, PASSWORD = "ada@agentur.example", "geheim"


@pytest.fixture(params=(3, 5), ids=lambda generation: f"generation{generation}")
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ActiveCollabSandbox]:
    sandbox = ActiveCollabSandbox(request.param)
    furnish(sandbox)
    with serve(sandbox) as served:
        (tmp_path / "migrator.toml").write_text(f'[activecollab]\nurl = "{served.url}{sandbox.path}"\n')
        yield sandbox


def test_the_issued_token_is_kept_for_its_owner_only_and_works(server: ActiveCollabSandbox, tmp_path: Path) -> None:
    done = migrator("login", cwd=tmp_path, stdin=f"{USER}\n{PASSWORD}\n")
    assert done.code == 0, done.err
    file = tmp_path / "activecollab.token"
    assert file.stat().st_mode & 0o777 == 0o600
    token = file.read_text().strip()
    assert token not in done.out + done.err
    assert PASSWORD not in done.out + done.err
    assert migrator("read", cwd=tmp_path).code == 0
    assert all(PASSWORD.encode() not in each.read_bytes() for each in tmp_path.iterdir())


def test_a_named_token_file_is_written_though_it_does_not_exist_yet(
    server: ActiveCollabSandbox, tmp_path: Path
) -> None:
    config = tmp_path / "migrator.toml"
    config.write_text(config.read_text() + 'token_file = "secret.txt"\n')
    assert migrator("login", "--user", USER, cwd=tmp_path, stdin=f"{PASSWORD}\n").code == 0
    assert (tmp_path / "secret.txt").is_file()
    assert migrator("read", cwd=tmp_path).code == 0


def test_a_second_login_replaces_the_token(server: ActiveCollabSandbox, tmp_path: Path) -> None:
    for _ in range(2):
        assert migrator("login", "--user", USER, cwd=tmp_path, stdin=f"{PASSWORD}\n").code == 0
    assert migrator("read", cwd=tmp_path).code == 0
    assert sorted(each.name for each in tmp_path.glob("activecollab.token*")) == ["activecollab.token"]


def test_a_wrong_password_is_exit_12_and_writes_nothing(server: ActiveCollabSandbox, tmp_path: Path) -> None:
    done = migrator("login", "--json", "--user", USER, cwd=tmp_path, stdin="canary-password\n")
    assert done.code == 12
    assert "canary-password" not in done.out + done.err
    assert not (tmp_path / "activecollab.token").exists()


def test_a_token_that_is_given_otherwise_is_not_replaced(server: ActiveCollabSandbox, tmp_path: Path) -> None:
    done = migrator(
        "login",
        "--user",
        USER,
        cwd=tmp_path,
        stdin=f"{PASSWORD}\n",
        MIGRATOR__ACTIVECOLLAB__TOKEN="7-canary-of-the-test",
    )
    assert done.code == 2
    assert not (tmp_path / "activecollab.token").exists()


def test_without_an_address_or_a_password_nothing_is_asked(tmp_path: Path) -> None:
    (tmp_path / "migrator.toml").write_text("")
    done = migrator("login", cwd=tmp_path, stdin=f"{USER}\n{PASSWORD}\n")
    assert done.code == 2
    assert "activecollab.url" in done.err
    (tmp_path / "migrator.toml").write_text('[activecollab]\nurl = "http://127.0.0.1:9/api/v1"\n')
    assert migrator("login", cwd=tmp_path, stdin=f"{USER}\n").code == 2
