"""The example of the library in README does what it says, word for word but for address and token."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.serve import serve

_README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("generation", [2, 3, 5])
def test_the_example_prints_every_record_and_that_each_project_is_complete(
    generation: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", _README.read_text(encoding="utf-8"), re.DOTALL)
    server = ActiveCollabSandbox(generation)  # type: ignore[arg-type]  # pytest's parameters are plain numbers
    website, shop = server.add_project("Website"), server.add_project("Shop", archived=True)
    server.add_record(website, server.owner_id, "1.5", date(2026, 5, 4), text="Entwurf")
    server.add_record(shop, server.owner_id, "0.25", date(2019, 5, 6), text="Alt")
    with serve(server) as served:
        given = example.replace("https://ac.example.com/public/api.php", served.url + server.path)
        given = given.replace("7-AbC…", server.token)
        assert given.count(served.url) == given.count(server.token) == 1
        exec(compile(given, "README.md", "exec"), {})
    told = capsys.readouterr().out.splitlines()
    assert {"2026-05-04 1.5 Entwurf", "Website is complete", "2019-05-06 0.25 Alt", "Shop is complete"} == set(told)
