"""The control group: mistakes in the protocol, planted into a copy of the source, each of which a scene must catch.

A harness that finds nothing proves nothing until it is known to find what is there. The mistakes are texts to search
for and to replace; when the source no longer holds a text exactly once, `plant` fails and says so. There is no switch
for any of them in the product.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.forkserver import ROOT
from tests.torture import scenes
from tests.torture.scenes import SmallWorld


@dataclass(frozen=True, slots=True)
class Edit:
    """In one file of the source, one text in the place of another one."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A rule that is broken, and the scene that goes wrong then."""

    name: str
    edits: tuple[Edit, ...]
    caught_by: Callable[[SmallWorld], None]

    def plant(self, folder: Path) -> Path:
        """Copy the source into `folder` with the mistake in it; gives what to put on the path."""
        for part in ("migrator", "migrations"):
            shutil.copytree(ROOT / part, folder / part)
        for edit in self.edits:
            path = folder / edit.file
            text = path.read_text(encoding="utf-8")
            found = text.count(edit.old)
            assert found == 1, f"{edit.file} holds {found} times what {self.name!r} changes; adapt it:\n{edit.old}"
            path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
        return folder


MISTAKES = (
    Mistake(
        "requests that write are not remembered before they are sent",
        (
            Edit(
                "migrator/store/intents.py",
                "    return tuple(session.scalars(statement, columns))",
                "    return tuple(range(len(columns)))",
            ),
            Edit(
                "migrator/store/intents.py",
                "    closed: set[int] = set()\n",
                "    closed: set[int] = set(ids)\n",
            ),
        ),
        scenes.a_killed_request_takes_effect_late,
    ),
    Mistake(
        "what an interrupted run left open is taken for unsent",
        (
            Edit(
                "migrator/app/recover.py",
                "    _wait(carrier, left_open)\n    with carrier",
                "    carrier.close_intents([each.id for each in left_open], Outcome.ABSENT)\n"
                "    return 0\n    with carrier",
            ),
        ),
        scenes.a_killed_request_takes_effect_late,
    ),
    Mistake(
        "a request without a clear answer is repeated at once",
        (
            Edit(
                "migrator/moco/writing.py",
                "        finally:\n            self.window.free(permit)\n        return classify_write",
                "            if getattr(transfer, 'status', None) in {None, 500, 502, 503, 504}:\n"
                "                transfer = self._transport.write(\n"
                "                    call.method, call.path, call.body, as_user, objection, call.params\n"
                "                )\n"
                "        finally:\n            self.window.free(permit)\n        return classify_write",
            ),
        ),
        scenes.an_answer_is_lost_after_applying,
    ),
    Mistake(
        "a server's error is taken for a request that was not applied",
        (
            Edit(
                "migrator/moco/outcomes.py",
                '    return Unclear(f"MOCO answered {status}", status, refusal)',
                "    if status >= 500:\n"
                '        return NotSent(f"MOCO answered {status}")\n'
                '    return Unclear(f"MOCO answered {status}", status, refusal)',
            ),
        ),
        scenes.an_answer_is_lost_after_applying,
    ),
    Mistake(
        "the rows of an answer are matched by their order",
        (
            Edit(
                "migrator/app/bulk_answers.py",
                "        rows = by_marker.get(each.booking.marker, [])\n        for row in rows:",
                "        rows = entries[batch.sent.index(each) :][:1]\n        for row in rows:",
            ),
        ),
        scenes.answers_come_in_another_order,
    ),
    Mistake(
        "an unclear request is looked for at once, and not only when it can no longer take effect",
        (
            Edit(
                "migrator/app/carrying.py",
                "        return (sent_at or now) + timedelta(seconds=whole)",
                "        return now",
            ),
        ),
        scenes.a_request_is_applied_late,
    ),
    Mistake(
        "a request is sent however long ago its intent was committed",
        (
            Edit(
                "migrator/moco/writing.py",
                "        if abs(age) > STALE_AFTER or steady_age > STALE_AFTER:",
                "        if abs(age) > steady_age > 1e9:",
            ),
        ),
        scenes.one_sleeps_before_it_sends,
    ),
    Mistake(
        "nobody asks whether another run is working",
        (
            Edit(
                "migrator/store/lease.py",
                "    if found is not None and found.expires_at > moment:",
                "    if found is not None and found.expires_at > moment + 1e9:",
            ),
            Edit(
                "migrator/store/lease.py", "    _own(session, epoch, Right.WRITE)\n\n\ndef release", "\n\ndef release"
            ),
        ),
        scenes.two_begin_at_once,
    ),
    Mistake(
        "an intent is committed without asking whether the lease is still ours",
        (
            Edit(
                "migrator/app/carrying.py",
                "            lease.check(session, self.epoch)\n            if also",
                "            if also",
            ),
        ),
        scenes.one_sleeps_before_it_intends,
    ),
    Mistake(
        "an answer is written down although somebody else has settled its intent",
        (
            Edit(
                "migrator/app/carrying.py",
                "        still = [(sent, entry) for sent, entry in shown if sent.intent_id in closed]",
                "        still = list(shown)",
            ),
        ),
        scenes.one_sleeps_over_its_answer,
    ),
    Mistake(
        "a refused bulk is taken for one of which nothing was stored",
        (
            Edit(
                "migrator/app/bulk_answers.py",
                "            return _unclear(carrier, replace(batch, refusal=refusal), outcome)",
                "            carrier.close_intents([each.intent_id for each in batch.sent], Outcome.REFUSED)\n"
                "            return Ending(refused=(replace(batch, refusal=refusal),))",
            ),
        ),
        scenes.good_rows_of_a_refused_bulk_are_stored,
    ),
    Mistake(
        "a success that shows no rows is taken for a failure",
        (
            Edit(
                "migrator/app/bulk_answers.py",
                "    for each in open_still:\n        trouble.left_out[each.source_id] += 1\n",
                "    if not right:\n"
                "        carrier.close_intents([each.intent_id for each in batch.sent], Outcome.ABSENT)\n"
                "        return _again(carrier, trouble, batch)\n",
            ),
        ),
        scenes.a_success_shows_no_rows,
    ),
    Mistake(
        "nobody looks whether a marker is there twice",
        (
            Edit(
                "migrator/core/decide.py",
                "    if len(ours) > 1:  # row 3: whoever copies an entry in MOCO copies its marker\n"
                "        return Conflict(ConflictReason.DUPLICATE, activity_ids=ours)\n",
                "",
            ),
        ),
        scenes.a_request_comes_to_life_long_after,
    ),
)
