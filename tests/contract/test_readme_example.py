"""The examples of the libraries in README do what they say, word for word but for address and key."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION
from migrator.sandbox.serve import serve

_README = Path(__file__).parents[2] / "README.md"


def _example(library: str, exchanged: dict[str, str]) -> str:
    """The example of a library; what is exchanged stands there exactly once."""
    blocks = re.findall(r"```python\n(.*?)```", _README.read_text(encoding="utf-8"), re.DOTALL)
    (example,) = [block for block in blocks if f"from {library} import" in block]
    for written, given in exchanged.items():
        assert example.count(written) == 1
        example = example.replace(written, given)
    return str(example)


@pytest.mark.parametrize("generation", [2, 3, 5])
def test_the_example_prints_every_record_and_that_each_project_is_complete(
    generation: int, capsys: pytest.CaptureFixture[str]
) -> None:
    server = ActiveCollabSandbox(generation)  # type: ignore[arg-type]  # pytest's parameters are plain numbers
    website, shop = server.add_project("Website"), server.add_project("Shop", archived=True)
    server.add_record(website, server.owner_id, "1.5", date(2026, 5, 4), text="Entwurf")
    server.add_record(shop, server.owner_id, "0.25", date(2019, 5, 6), text="Alt")
    with serve(server) as served:
        address = "https://ac.example.com/public/api.php"
        given = _example("migrator.activecollab", {address: served.url + server.path, "7-AbC…": server.token})
        exec(compile(given, "README.md", "exec"), {})
    told = capsys.readouterr().out.splitlines()
    assert {"2026-05-04 1.5 Entwurf", "Website is complete", "2019-05-06 0.25 Alt", "Shop is complete"} == set(told)


def test_the_example_for_moco_prints_the_reports_and_books_for_the_person_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    server, key = MocoSandbox(), "k" * 24
    owner, anna = server.add_user("Olga", "Owner", permissions=EVERY_PERMISSION), server.add_user("Anna", "Adler")
    server.add_key(key, owner)
    project = server.add_project(server.add_company("Kunde AG"), "Website", identifier="P1", leader=owner)
    task = server.add_task(project, "Entwicklung")
    server.add_contract(project, owner)
    server.add_contract(project, anna)
    server.add_activity(owner, task, date(2026, 5, 1), 5400)
    with serve(server) as served:
        given = _example("migrator.moco", {"https://example.mocoapp.com": served.url, "3f1c…": key})
        exec(compile(given, "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "P1 Website 1.5 1.5",
        "2026-05-04 1.5 Website Entwicklung",
    ]
    assert [activity.user_id for activity in server.activities] == [owner.id, anna.id]
