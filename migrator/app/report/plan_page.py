"""A saved plan as one self-contained HTML page, for a second pair of eyes without a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import migrator
from migrator.app.report import written
from migrator.app.report.drawing import Drawing, Look, shares
from migrator.app.report.html_frame import Frame
from migrator.app.report.wording import Language, Wording
from migrator.app.report.wording_plan import in_german
from migrator.core.blocked import BLOCKED
from migrator.core.finality import Finality
from migrator.core.model import Billing
from migrator.core.tally import Tally

ROWS = 200
"""Of a table of people or projects."""

_WRITES = ("create", "adopt", "adopt_update", "update", "withdraw", "rebook")
_ACTIONS = (*_WRITES, "keep", "skip", *BLOCKED)
_SHARES = (
    (Look.SOLID, "cover_to_write", _WRITES),
    (Look.DOTTED, "cover_kept", ("keep",)),
    (Look.HOLLOW, "cover_left_out", ("skip",)),
    (Look.HATCHED, "cover_blocked", BLOCKED),
)
_MADE = ("companies", "projects", "tasks", "contracts")

Plan = Mapping[str, Any]
"""The JSON answer of `plan`, as the database keeps it; one of an older version lacks some of it."""


def plan_page(plan: Plan, language: Language, *, with_people: bool) -> str:
    """The page of a plan."""
    wording = Wording(language)
    frame = Frame(language, with_people)
    return frame.text("plan.html", {"plan": plan, **_values(plan, wording)})


def _values(plan: Plan, wording: Wording) -> dict[str, object]:
    actions = {name: _tally(plan["actions"][name]) for name in _ACTIONS if name in plan["actions"]}
    german = wording.language is Language.DE
    warnings = [in_german(each) if german else each for each in plan["warnings"]]
    gates = [each["message"] for each in plan.get("gates", ())]
    told = [in_german(each) if german else each for each in gates]
    points = plan.get("point_of_no_return", {})
    created = {kind: plan["to_create"].get(kind, 0) for kind in _MADE}
    return {
        "version": migrator.__version__,
        "made_at": datetime.fromisoformat(plan["made_at"]),
        "verdict": _verdict(actions, wording),
        "actions": list(actions.items()),
        "whole": _together(actions, _ACTIONS),
        "to_write": _together(actions, _WRITES),
        "waiting": _together(actions, BLOCKED),
        "chart": _chart(actions, wording),
        "blocked": plan.get("blocked"),
        "gates": told,
        "warnings": [each for each in warnings if each not in told],
        "doubles": plan.get("possible_double", {}).get("count", 0),
        "created": [(kind, count) for kind, count in created.items() if count],
        "places": plan.get("places", ()),
        "reopened": plan.get("to_reopen", {"projects": 0, "people": 0}),
        "requests": sum(plan["requests_needed"].values()),
        "time": lambda seconds: _time(seconds, wording),
        "phases": plan.get("phases", ()),
        "points": [(each.value, _tally(points[each.value])) for each in Finality if _has(points, each)],
        "tables": _tables(plan),
        "rows": ROWS,
        "samples": [_sample(each) for each in plan.get("samples", ())],
    }


def _has(points: Plan, point: Finality) -> bool:
    return bool(points.get(point.value, {}).get("records"))


def _tally(row: Mapping[str, int]) -> Tally:
    return Tally(row["records"], row["seconds"])


def _together(actions: Mapping[str, Tally], names: Sequence[str]) -> Tally:
    whole = Tally()
    for name in names:
        whole.merge(actions.get(name, Tally()))
    return whole


def _verdict(actions: Mapping[str, Tally], wording: Wording) -> str:
    records = wording.say("plan_of", count=_together(actions, _ACTIONS).records)
    parts = [
        f"{written.number(tally.records, wording.language)} × {wording.say(f'action_{name}')}"
        for name, tally in actions.items()
        if tally.records
    ]
    return f"{records} {', '.join(parts)}." if parts else wording.say("no_records")


def _chart(actions: Mapping[str, Tally], wording: Wording) -> Drawing:
    """What share of the hours is written, stays, is left out, or waits."""
    language = wording.language
    found = [(look, wording.say(key), _together(actions, names)) for look, key, names in _SHARES]
    whole = sum(tally.seconds for _, _, tally in found)
    table = tuple(
        (
            name,
            written.number(tally.records, language),
            written.hours(tally.seconds, language),
            written.share(tally.seconds, whole, language),
        )
        for _, name, tally in found
    )
    parts = [
        (look, tally.seconds, f"{name}: {hours} h, {share} ({wording.say('records', count=tally.records)})")
        for (look, name, tally), (_, _, hours, share) in zip(found, table, strict=True)
    ]
    bars, labels, height = shares(parts)
    head = tuple(wording.say(key) for key in ("col_action", "col_records", "col_hours", "col_share"))
    described = "; ".join(text for _, _, text in parts)
    return Drawing("chart-actions", wording.say("chart_actions"), described, 960, height, bars, labels, (), head, table)


def _time(seconds: int, wording: Wording) -> str:
    if not seconds:
        return wording.say("no_time")
    if seconds < 90:
        return wording.say("in_seconds", count=seconds)
    if seconds < 5400:
        return wording.say("in_minutes", count=round(seconds / 60))
    return wording.say("in_hours", hours=written.hours(seconds, wording.language))


def _tables(plan: Plan) -> list[tuple[str, str, Sequence[Mapping[str, Any]]]]:
    """Title, first column and rows of the totals, years in their order."""
    years = sorted(plan["by_year"], key=lambda row: str(row["name"]))
    return [
        ("plan_by_year", "col_year", years),
        ("plan_by_person", "col_person", plan["by_person"]),
        ("plan_by_project", "col_project", plan["by_project"]),
    ]


def _sample(sample: Plan) -> dict[str, object]:
    """A sample with days and statuses as values; `apart` are the fields in which MOCO differs from what is wanted."""
    source, wanted, target = sample["source"], sample["wanted"], sample["target"]
    return {
        **sample,
        "source": {**source, "date": date.fromisoformat(source["date"]), "billing": Billing(source["billing"])},
        "wanted": _dated(wanted),
        "target": _dated(target),
        "apart": {name for name in wanted if wanted[name] != target.get(name)} if wanted and target else set(),
    }


def _dated(side: Plan | None) -> dict[str, object] | None:
    return {**side, "date": date.fromisoformat(side["date"])} if side else None
