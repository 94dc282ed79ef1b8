"""Secrets and people, put everywhere as canaries, and looked for wherever the service leaves something."""

from __future__ import annotations

import json
import re
import urllib.request
import zipfile
from pathlib import Path

import pytest

from migrator.sandbox.faults import AnswerInstead, RefuseRows
from tests.system.export import PEOPLE, Record, some_records
from tests.system.harness import World
from tests.system.serving import Served, serving

SECRETS = {
    "moco__api_key": "canaryapikey0123456789abcdef",
    "activecollab__token": "7-canarytoken0123456789abcdef",
    "web__webhook_key": "canarysignature0123456789abcdef0",
}
PERSON = "canary.person@private-mail.example"
LEAVES = re.compile("|".join(["canary(apikey|token|signature)", re.escape(PERSON)]), re.IGNORECASE)


def visit(served: Served) -> str:
    """Everything that is said over HTTP, to callers that are wrong as well."""
    told = [served.ask(path)[1] for path in ("/healthz", "/readyz", "/metrics", "/", f"/{PERSON}?token=x")]
    post = urllib.request.Request(f"{served.url}/hooks/moco", json.dumps({"user": {"email": PERSON}}).encode())
    post.add_header("X-Moco-Signature", "0" * 64)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(post, timeout=5)
    return "\n".join(told)


def files_for_others(world: World, folder: Path) -> list[str]:
    """What is handed to people outside: the report in every form, the page of a plan, and the evidence of a run."""
    for words in (
        ("plan",),
        ("show", "last", "--format", "html", "-o", str(folder / "plan.html")),
        ("report", "-o", str(folder / "report")),
        ("evidence", "last", "-o", str(folder / "pack.zip")),
    ):
        world.run(*words)
    found = [*(folder / "report").rglob("*.*"), folder / "plan.html", folder / "pack.zip"]
    assert {path.suffix for path in found} == {".html", ".json", ".csv", ".xlsx", ".zip"}
    return [text for path in found if path.is_file() for text in texts_of(path)]


def texts_of(path: Path) -> list[str]:
    """A file, or all that is packed in it."""
    if not zipfile.is_zipfile(path):
        return [path.read_text(encoding="utf-8")]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]


def test_no_secret_and_nobodys_address_leaves_the_service(tmp_path: Path) -> None:
    text = f"Call {PERSON} back"
    records = [*some_records(3), Record(951, text=text), Record(952, text=text)]
    with World(tmp_path, records, schedule__every="1s") as world:
        world.moco.add_key(SECRETS["moco__api_key"], next(iter(world.moco.state.users.values())))
        world.configure(**SECRETS)
        world.moco.fault(RefuseRows.with_markers("ac:main:952"), method="POST", times=None)
        with serving(world, "-vv") as served:
            served.until(served.ready, "the first success")
            told = [visit(served)]
            told.append(Path(f"/proc/{served.process.pid}/cmdline").read_text())
            world.moco.fault(AnswerInstead(500), times=2)
            world.change(951, text=f"{text}, soon")
            served.until(lambda: f"{text}, soon" in [each.description for each in world.moco.activities], "changed")
            world.moco.fault(AnswerInstead(401), times=None)
            served.until(lambda: not served.ready(), "refused")
            told.append(visit(served))
            assert all(f'migrator_answers_total{{status="{status}"}}' in told[-1] for status in (200, 401, 500))
            ended = served.end()
        told += [ended.out, ended.err]
        for words in (("inbox", "list"), ("runs", "list"), ("status",)):
            finished = world.run(*words, "-vv")
            told.append(finished.stderr)
            told.append(re.sub(re.escape(PERSON), "", str(finished.document)))
        assert "debug" in ended.err or "info" in ended.err
        handed_out = files_for_others(world, tmp_path)
        for each in handed_out:
            assert not [person.email for person in PEOPLE if person.email in each]
        for each in (*told, *handed_out):
            assert not LEAVES.search(each), LEAVES.search(each)
        for file in tmp_path.glob("migrator.db*"):
            # What people wrote is kept there; secrets are not.
            assert not re.search(rb"canary(apikey|token|signature)", file.read_bytes()), file
