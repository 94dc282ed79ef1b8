"""`python -m tests.bench.served SEED RECORDS`: the MOCO of an agency, until its standard input ends.

Prints address and key as one line of JSON; it is a process of its own, so that nobody measures it by mistake.
"""

from __future__ import annotations

import json
import sys

from migrator.sandbox.company import build_agency, furnish
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_switches import Switches
from migrator.sandbox.serve import serve


def main() -> None:
    """Serve without a rate limit."""
    seed, records = map(int, sys.argv[1:])
    sandbox = MocoSandbox(switches=Switches(rate_limits=()))
    furnished = furnish(build_agency(seed, records), sandbox)
    with serve(sandbox) as served:
        print(json.dumps({"url": served.url, "api_key": furnished.api_key}), flush=True)  # noqa: T201 - its answer
        sys.stdin.read()


if __name__ == "__main__":
    main()
