"""`evidence`: packs what proves a run into one archive, and checks such an archive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.deciding import Decider, load_decider
from migrator.app.evidence import contents, tables, verify
from migrator.app.evidence.matches import COLUMNS, MatchList
from migrator.app.evidence.pack import Pack, new_pack
from migrator.app.evidence.tables import Chain
from migrator.app.wiring import Clock, Workplace
from migrator.core.mapping import MapRow
from migrator.core.matching import effective, exact_matches
from migrator.errors import BooksDoNotBalance, ExitCode, TryAgainLater, UsageError
from migrator.store import mapping as stored_mapping
from migrator.store import merge, plans, proof, runs, source, target
from migrator.store.engine import reading
from migrator.store.plans import SavedPlan
from migrator.store.proof import Scope
from migrator.store.runs import SavedRun

WHOLE = "verify"
"""The kind of run whose package holds everything: the others hold what they wrote."""


@dataclass(frozen=True, slots=True)
class Job:
    """One package: its run, the plan behind it, and what goes into it."""

    place: Workplace
    run: SavedRun
    plan: SavedPlan | None
    scope: Scope
    decider: Decider
    with_people: bool


def make_evidence(place: Workplace, ref: str, output: Path, *, with_people: bool) -> Answer:
    """Pack the evidence of a run, and say its root hash.

    Raises `UsageError` for a run that is not there and a file that cannot be written, `TryAgainLater` when the
    database changed meanwhile, `BooksDoNotBalance` when the match list is not what the database counts.
    """
    job, before = _begin(place, ref, with_people)
    with new_pack(output) as pack:
        records, requests = _fill(pack, job)
        chain = Chain()
        pack.put("log.jsonl", chain.written(place.engine, job.scope))
        for name, raw in (("verify.py", _own("verify.py")), ("README.txt", _own("templates/README.txt"))):
            pack.put(name, [raw])
        facts = {"run": job.run.id, "kind": job.run.kind, "with_people": with_people}
        root = pack.close({**facts, "log": {"lines": chain.lines, "last": chain.last}})
        with reading(place.engine) as session:
            if proof.state(session) != before:
                raise TryAgainLater(
                    "the database changed while the evidence was packed, so no package was made",
                    hint="run it again when no other command works; `migrator status` shows which one does",
                )
    return _made(job, output, root, records, requests)


def _begin(place: Workplace, ref: str, with_people: bool) -> tuple[Job, str]:
    with reading(place.engine) as session:
        before = proof.state(session)
        number = runs.last_run_id(session) if ref == "last" else _number(ref)
        if number is None:
            raise UsageError("nothing has run yet", hint="`migrator apply` and `migrator verify` are worth evidence")
        run = runs.load_run(session, number)
        plan_id = proof.plan_of_run(session, number)
        plan = plans.load_plan(session, plan_id) if plan_id is not None else None
        masters = target.load_target_masters(session)
    # The rules of the day on which it ended: the same database gives the same package on every day.
    ended = (run.ended_at or run.started_at).timestamp()
    frozen = replace(place, clock=Clock(wall=lambda: ended))
    scope = Scope(None if run.kind == WHOLE else run.id)
    return Job(place, run, plan, scope, load_decider(frozen, masters), with_people), before


def _number(ref: str) -> int:
    if not (ref.isascii() and ref.isdigit()) or len(ref) > 18:
        raise UsageError(f"{ref!r} is no run", hint="give its number, or `last`; `migrator runs list` shows them")
    return int(ref)


def _fill(pack: Pack, job: Job) -> tuple[int, int]:
    """Everything but the log; gives how many records and requests there are."""
    engine, people = job.place.engine, job.with_people
    version = job.plan.mapping_version if job.plan is not None else job.decider.mapping.version
    with reading(engine) as session:
        pack.put_json("run.json", contents.run_told(session, job.run, people))
        pack.put_json("versions.json", contents.versions_told())
        pack.put_json("configuration.json", contents.configuration_told(job.place.config, people))
        pack.put_json("inputs.json", contents.inputs_told(session, job.place.config))
        pack.put_json("mapping.json", contents.mapping_told(session, version, people))
        pack.put_json("plan.json", contents.plan_told(session, job.plan, people))
        counted = proof.count_requests(session, job.scope)
    rows = contents.mapping_rows(_mapping_rows(job, version), people)
    pack.put_table("mapping.csv", contents.MAPPING_COLUMNS, rows)
    plan_id = job.plan.id if job.plan is not None else None
    pack.put_table("plan.csv", tables.PLAN_COLUMNS, tables.plan_rows(engine, plan_id, people))
    pack.put_table("requests.csv", tables.REQUEST_COLUMNS, tables.request_rows(engine, job.scope, people))
    matches = MatchList(job.place, job.decider, job.scope)
    pack.put_table("matches.csv", COLUMNS, matches.rows())
    pack.put_table("exceptions.csv", tables.EXCEPTION_COLUMNS, tables.exception_rows(engine, people))
    if people:
        names = tables.name_rows(job.decider.known, job.decider.there)
        pack.put_table("names.csv", tables.NAME_COLUMNS, names)
    totals = matches.totals
    _balance(job, totals.by_word)
    pack.put_json("totals.json", {"matches": totals.as_json(), "by_word": totals.by_word, "requests": counted})
    return totals.records, sum(counted.values())


def _mapping_rows(job: Job, version: int) -> list[MapRow]:
    """The rows of a version, and the exact matches that fill it."""
    with reading(job.place.engine) as session:
        explicit = stored_mapping.load_mapping(session, version)
    exact = exact_matches(job.decider.known, job.decider.there, explicit.rows.values())
    return list(effective(explicit, exact, job.place.config.mapping.accept_exact).rows.values())


def _balance(job: Job, by_word: dict[str, dict[str, int]]) -> None:
    """The match list has every record that the database counts by itself; raises `BooksDoNotBalance`."""
    listed = sum(each["records"] for word, each in by_word.items() if word)
    with reading(job.place.engine) as session:
        if job.scope.run is None:
            rejects = source.unstaged_rejects(session)
            staged, seconds = merge.count_selected(session, merge.Selection())
            expected = staged + len(rejects)
            told = sum(each["seconds"] for each in by_word.values())
            apart = told - seconds - sum(each.seconds for each in rejects)
        else:
            expected, apart = max(listed, proof.queued_sums(session, job.scope.run)[0]), 0
    if listed != expected or apart:
        raise BooksDoNotBalance(
            f"the match list has {listed:,} records and the database {expected:,}; {apart:,} seconds apart",
            hint="run `migrator db check`, then try again",
        )


def _own(name: str) -> bytes:
    return files("migrator.app.evidence").joinpath(name).read_bytes()


def _made(job: Job, output: Path, root: str, records: int, requests: int) -> Answer:
    run = job.run
    verdict = f"The evidence of run {run.id} ({run.kind}) is in {output}: {records:,} records, {requests:,} requests."
    document: dict[str, object] = {
        "schema": "migrator.evidence/1",
        "verdict": verdict,
        "run": run.id,
        "file": str(output),
        "root": root,
        "records": records,
        "requests_told": requests,
        "with_people": job.with_people,
        "exit_code": int(ExitCode.DONE),
    }
    text = (
        f"{verdict}\nroot hash  {root}\n"
        "Note the root hash somewhere else, such as on the signed report: it alone proves later that this is the "
        "package.\n"
        f"Check it with: migrator evidence check {output} --root {root[:8]}…\n"
        "or, without this program: python3 verify.py (it is inside)."
    )
    return Answer(text, document)


def check_evidence(path: Path, root: str, find: Callable[[Path, str], tuple[list[str], str]] = verify.check) -> Answer:
    """Check a package: 0 when all of it is as it was written, 4 with the names of what is not."""
    if not path.exists():
        raise UsageError(f"{path} is not there", hint="name the package that `migrator evidence RUN -o FILE` made")
    problems, found = find(path, root)
    files_named = [each.partition(": ") for each in problems]
    many = f"{len(problems):,} {'thing is' if len(problems) == 1 else 'things are'}"
    right = "All of it is as it was written, and agrees."
    verdict = f"{path.name} is not as it was written: {many} wrong." if problems else right
    code = ExitCode.DIFFERENCES if problems else ExitCode.DONE
    document: dict[str, object] = {
        "schema": "migrator.evidence.check/1",
        "verdict": verdict,
        "root": found or None,
        "root_expected": root or None,
        "problems": [{"file": name, "message": words} for name, _, words in files_named],
        "exit_code": int(code),
    }
    lines = [verdict, *(f"  {each}" for each in problems), *([f"root hash  {found}"] if found else [])]
    if not problems and not root:
        lines.append("With --root and the hash that was noted, it is also proved to be that very package.")
    return Answer("\n".join(lines), document, code)
