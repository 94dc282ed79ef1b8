"""`python -m tests.bench.watched OUT ARGUMENT…`: one command line, and what it cost, as JSON in the file OUT."""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from pathlib import Path

from migrator.app.cli.main import run


def peak_kilobytes() -> int:
    """The most memory this process ever held.

    Linux tells it for this program alone; `ru_maxrss` would count whoever started us as well.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii")) if status.exists() else None
    if found:
        return int(found[1])
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // 1024 if sys.platform == "darwin" else used


def main() -> int:
    """Run the command; its exit code is ours."""
    out, *arguments = sys.argv[1:]
    began = time.perf_counter()
    code = run(arguments)
    cost = {"code": code, "seconds": time.perf_counter() - began, "peak_kilobytes": peak_kilobytes()}
    Path(out).write_text(json.dumps(cost), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
