"""Checks an evidence package of `migrator` with nothing but Python's standard library (3.8 or later).

    python3 verify.py pack.zip [--root HEX]

It names every file that is not as it was written, every line of the log that does not follow the one before, and
every sum that does not agree. `--root` is the root hash that was noted when the package was made: without it this
proves that the package agrees with itself, with it that it is that very package.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import sys
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

MANIFEST = "manifest.json"
SCHEMA = "migrator.evidence.pack/1"
SEAL = b"sha256:"
"""Begins the comment of the archive; the SHA-256 of all bytes before its 64 digits follows."""

DIGITS = 64
BLOCK = 1 << 20
SPACE = 1 << 256
"""Digests of rows are added below this, so that their order does not matter."""

DONE = ("answered", "found")
_LONGEST_MANIFEST = 10_000_000
_DAMAGED = (
    *(OSError, EOFError, RuntimeError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)
"""What Python's library says of damage, in one place or another."""


class Zipped:
    """The files of a package in its archive."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(str(path))

    def names(self) -> list[str]:
        return self._archive.namelist()

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(name)

    def close(self) -> None:
        self._archive.close()


class Unpacked:
    """The files of a package that somebody unpacked into a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        return sorted(each.relative_to(self._path).as_posix() for each in self._path.rglob("*") if each.is_file())

    def open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")

    def close(self) -> None:
        """Nothing is open."""


def check(path: Path, root: str = "") -> tuple[list[str], str]:
    """Everything that is wrong with the package at `path`, each with the name of its file, and its root hash.

    `root` is the root hash that it should have, if somebody noted it. Never raises for a damaged package.
    """
    problems = [] if path.is_dir() else _seal_problems(path)
    found = ""
    try:
        pack = Unpacked(path) if path.is_dir() else Zipped(path)
    except _DAMAGED:
        return [*problems, f"{path.name}: the archive itself is damaged, it cannot be opened"], found
    try:
        try:
            manifest, raw = _manifest(pack)
        except _DAMAGED as error:
            return [*problems, f"{MANIFEST}: it cannot be read ({type(error).__name__})"], found
        found = hashlib.sha256(raw).hexdigest()
        if root and root.strip().lower() != found:
            problems.append(f"{MANIFEST}: its root hash is {found}, not {root.strip()}: this is another package")
        wrong = _file_problems(pack, manifest)
        problems += wrong
        if not wrong:
            problems += _content_problems(pack, manifest)
        return problems, found
    finally:
        pack.close()


def _seal_problems(path: Path) -> list[str]:
    """Whether each byte of the archive is the one that was written: also those that hold no file."""
    digest, size = hashlib.sha256(), path.stat().st_size
    with path.open("rb") as stream:
        left = size - DIGITS
        last = b""
        while left > 0:
            block = stream.read(min(BLOCK, left))
            if not block:
                break
            digest.update(block)
            last = (last + block)[-len(SEAL) :]
            left -= len(block)
        seal = stream.read(DIGITS)
    if last != SEAL or seal.decode("ascii", "replace") != digest.hexdigest():
        return [f"{path.name}: the archive itself was changed: its bytes do not agree with its seal"]
    return []


def _manifest(pack: Any) -> tuple[dict[str, Any], bytes]:
    with pack.open(MANIFEST) as stream:
        raw = stream.read(_LONGEST_MANIFEST)
    manifest = json.loads(raw.decode("utf-8"))
    if manifest["schema"] != SCHEMA:
        raise ValueError("another schema")
    for each in manifest["files"]:
        if set(each) != {"name", "bytes", "sha256"}:
            raise ValueError("another form")
    return manifest, raw


def _file_problems(pack: Any, manifest: dict[str, Any]) -> list[str]:
    """Files that are missing, too many, or not as the manifest says."""
    problems = []
    listed = [each["name"] for each in manifest["files"]]
    present = pack.names()
    for name in sorted(set(present) - set(listed) - {MANIFEST}):
        problems.append(f"{name}: the manifest does not name it")
    for name in sorted({each for each in present if present.count(each) > 1}):
        problems.append(f"{name}: it is there more than once")
    for each in manifest["files"]:
        name = each["name"]
        if name not in present:
            problems.append(f"{name}: it is missing")
            continue
        try:
            digest, size = hashlib.sha256(), 0
            with pack.open(name) as stream:
                for block in iter(lambda: stream.read(BLOCK), b""):
                    digest.update(block)
                    size += len(block)
        except _DAMAGED:
            problems.append(f"{name}: it is damaged, it cannot be read")
            continue
        if (digest.hexdigest(), size) != (each["sha256"], each["bytes"]):
            problems.append(f"{name}: it was changed: its SHA-256 is not that of the manifest")
    return problems


# -- what the files say ------------------------------------------------------------------------------------------------


def _content_problems(pack: Any, manifest: dict[str, Any]) -> list[str]:
    """The log, the totals, the match list and the requests against each other."""
    checks = (
        ("log.jsonl", _chain_problems),
        ("totals.json", _total_problems),
        ("matches.csv", _agreement_problems),
        ("plan.csv", _plan_problems),
    )
    problems = []
    for name, find in checks:
        try:
            problems += list(find(pack, manifest))
        except (*_DAMAGED, csv.Error) as error:
            problems.append(f"{name}: it is not in the form that it should have ({type(error).__name__}: {error})")
    return problems


def _chain_problems(pack: Any, manifest: dict[str, Any]) -> Iterator[str]:
    """Each line holds the SHA-256 of the line before; the last line's is in the manifest."""
    before, number = "0" * DIGITS, 0
    sent: dict[str, int] = {}
    with pack.open("log.jsonl") as stream:
        for number, raw in enumerate(stream, 1):
            line = json.loads(raw.decode("utf-8"))
            if line["previous"] != before or line["number"] != number:
                yield f"log.jsonl: line {number} does not follow the line before it"
                return
            before = hashlib.sha256(raw.rstrip(b"\n")).hexdigest()
            if line["event"] == "request_sent":
                sent[line["write"]] = sent.get(line["write"], 0) + line["rows"]
    if (before, number) != (manifest["log"]["last"], manifest["log"]["lines"]):
        yield f"log.jsonl: it ends with line {number}, not as the manifest says"
    listed: dict[str, int] = {}
    for row in _rows(pack, "requests.csv"):
        listed[row["write"]] = listed.get(row["write"], 0) + 1
    if sent != listed:
        yield f"log.jsonl: it tells of other requests than requests.csv: {_apart(sent, listed)}"


def _total_problems(pack: Any, manifest: dict[str, Any]) -> Iterator[str]:
    """The totals are the sums of the match list."""
    with pack.open("totals.json") as stream:
        totals = json.loads(stream.read().decode("utf-8"))
    words: dict[str, dict[str, int]] = {}
    sums = {"records": 0, "activities": 0, "source_seconds": 0, "sent_seconds": 0, "target_seconds": 0}
    for row in _rows(pack, "matches.csv"):
        sums["records"] += bool(row["source_id"])
        sums["activities"] += bool(row["activity_id"])
        for name in ("source_seconds", "sent_seconds", "target_seconds"):
            sums[name] += int(row[name] or 0)
        word = words.setdefault(row["word"], {"records": 0, "seconds": 0})
        word["records"] += 1
        word["seconds"] += int(row["source_seconds"] or 0)
    for name, value in sums.items():
        if totals["matches"][name] != value:
            yield f"totals.json: {name} is {totals['matches'][name]}, but matches.csv adds up to {value}"
    if totals["by_word"] != words:
        yield f"totals.json: its words are not those of matches.csv: {_apart(totals['by_word'], words)}"
    outcomes: dict[str, int] = {}
    for row in _rows(pack, "requests.csv"):
        key = f"{row['write']} {row['outcome'] or 'open'}"
        outcomes[key] = outcomes.get(key, 0) + 1
    if totals["requests"] != outcomes:
        yield f"totals.json: its requests are not those of requests.csv: {_apart(totals['requests'], outcomes)}"


def _agreement_problems(pack: Any, manifest: dict[str, Any]) -> Iterator[str]:
    """Each match names the request that decided it, and each such request its match; whatever their order."""
    matched, asked = [0, 0], [0, 0]
    for row in _rows(pack, "matches.csv"):
        if row["request"]:
            matched[0] += 1
            matched[1] += _digest(row["request"], row["source_id"], row["payload_sha256"])
    for row in _rows(pack, "requests.csv"):
        if row["decides"] == "yes":
            asked[0] += 1
            asked[1] += _digest(row["id"], row["source_id"], row["payload_sha256"])
            if row["outcome"] not in DONE:
                yield f"requests.csv: request {row['id']} decides a record and was not carried out"
    if matched[0] != asked[0]:
        yield f"matches.csv: {matched[0]} rows name a request, but requests.csv has {asked[0]} that decide one"
    elif matched[1] % SPACE != asked[1] % SPACE:
        yield "matches.csv: it names other requests than those in requests.csv that decide a record"


def _plan_problems(pack: Any, manifest: dict[str, Any]) -> Iterator[str]:
    """The plan's rows add up to what it says of itself."""
    with pack.open("plan.json") as stream:
        plan = json.loads(stream.read().decode("utf-8"))
    actions: dict[str, dict[str, int]] = {}
    for row in _rows(pack, "plan.csv"):
        action = actions.setdefault(row["action"], {"records": 0, "seconds": 0})
        action["records"] += 1
        action["seconds"] += int(row["seconds"])
    if plan["rows"] != actions:
        yield f"plan.json: its rows are not those of plan.csv: {_apart(plan['rows'], actions)}"


def _rows(pack: Any, name: str) -> Iterable[dict[str, str]]:
    with pack.open(name) as stream, _texts(stream) as texts:
        reader = csv.DictReader(texts, strict=True)
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"a row of {name} has too many or too few cells")
            yield row


@contextmanager
def _texts(stream: IO[bytes]) -> Iterator[IO[str]]:
    yield io.TextIOWrapper(stream, encoding="utf-8", newline="")


def _digest(*cells: str) -> int:
    return int(hashlib.sha256("\n".join(cells).encode("utf-8")).hexdigest(), 16)


def _apart(one: dict[str, Any], other: dict[str, Any]) -> str:
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return ", ".join(f"{name or 'no word'} {one.get(name)} against {other.get(name)}" for name in names)


def main(arguments: list[str]) -> int:
    """Check the package that is named; 0 when all of it is right, 4 when something is not, 2 for a wrong call."""
    root = ""
    if "--root" in arguments:
        at = arguments.index("--root")
        root = arguments[at + 1] if at + 1 < len(arguments) else "missing"
        arguments = arguments[:at] + arguments[at + 2 :]
    if len(arguments) != 1 or not Path(arguments[0]).exists():
        sys.stderr.write("usage: python3 verify.py pack.zip [--root HEX]\n")
        return 2
    problems, found = check(Path(arguments[0]), root)
    for problem in problems:
        sys.stdout.write(f"WRONG  {problem}\n")
    if found:
        sys.stdout.write(f"root hash  {found}\n")
    sys.stdout.write("NOT as it was written.\n" if problems else "All of it is as it was written, and agrees.\n")
    return 4 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
