"""The checks of `doctor` that only a write can answer for sure: what probes and runs taught, else `unknown`."""

from __future__ import annotations

from migrator.app.configuration.choices import RoundingInMoco
from migrator.app.doctor.check import PROBE, Check, Examined, Status
from migrator.core.duration import MOCO_SETTINGS, possible_roundings
from migrator.core.model import Key, SourceId
from migrator.moco.scan import scan_markers
from migrator.store import links, totals
from migrator.store.engine import reading

SAMPLED = 500
"""Links that are enough to see a rounding."""

BULK_PROVED, LISTS_FRESH = "bulk_proved", "lists_fresh"
"""Facts that runs learn too: a bulk for somebody was answered right; lists show at once what was written."""

_NEVER_USED = SourceId(10**18 - 1)


def check_remote_id(examined: Examined) -> Check:
    """Whether `remote_id=` is honoured, by a marker known to exist; and whether lists show at once what was written."""
    probed = examined.probed("remote_id")
    if probed is not None and probed.status is Status.FAIL:
        return probed
    with reading(examined.place.engine) as session:
        known = links.any_link(session)
    marker = known.marker if known else Key(examined.place.config.activecollab.instance, _NEVER_USED).marker
    listing = scan_markers(examined.reader, [marker])
    shown = [entry for page in listing for entry in page]
    fresh = examined.learned.get(LISTS_FRESH)
    lists = {"yes": "lists show at once what was written", "no": "lists lag behind what was written"}
    told = lists[fresh.value] if fresh else "whether lists are fresh is not known"
    if listing.ignored_filter:
        detail = f"MOCO ignores `remote_id=` (an older server), so proofs list whole days; {told}"
        return Check("remote_id", Status.WARN, detail, "nothing to do; proofs and re-checks cost more requests")
    if probed is not None and probed.status is not Status.OK:
        return probed
    if not shown and probed is None:
        return Check(
            "remote_id", Status.UNKNOWN, f"no activity with a marker of ours is known to ask for; {told}", PROBE
        )
    if known and not shown:
        detail = f"activity {known.activity_id} is not found by its marker {known.marker}; {told}"
        return Check("remote_id", Status.WARN, detail, "`migrator verify` tells whether it was deleted in MOCO")
    status = Status.OK if fresh and fresh.value == "yes" else Status.WARN if fresh else Status.UNKNOWN
    fix = "" if status is Status.OK else "nothing to do; proofs wait longer" if fresh else PROBE
    return Check("remote_id", status, f"`remote_id=` is honoured; {told}", fix)


def check_bulk(examined: Examined) -> Check:
    """What a bulk request does: for the right person, echoed with markers, all or nothing, how large."""
    probed = examined.probed("bulk")
    if probed is not None:
        return probed
    if BULK_PROVED in examined.learned:
        detail = "a run saw a bulk request answered right (person, project, marker); whether it is atomic is not known"
        return Check("bulk", Status.UNKNOWN, detail, PROBE)
    return Check("bulk", Status.UNKNOWN, "no bulk request was sent yet; the first will carry one record", PROBE)


def check_rounding(examined: Examined) -> Check:
    """Whether MOCO rounds durations, by what links say was sent and stored, else by a probe."""
    with reading(examined.place.engine) as session:
        pairs = [pair for pair in links.newest_durations(session, SAMPLED) if pair[0]]
    changed = sum(sent != stored for sent, stored in pairs)
    possible = possible_roundings(pairs)
    probed = examined.probed("rounding")
    if changed:
        setting = " or ".join(possible) or "something else than MOCO's settings"
        detail = f"MOCO rounds: {changed} of the {len(pairs)} durations written last were changed ({setting})"
        return rounded(detail, examined.place.config.policy.rounding_in_moco)
    if probed is not None:
        return probed
    if possible == (MOCO_SETTINGS[0],):
        return Check("rounding", Status.OK, f"off: {len(pairs)} durations written last were stored as sent")
    detail = f"{len(pairs)} written durations do not tell" if pairs else "no duration was written yet"
    return Check("rounding", Status.UNKNOWN, detail, PROBE)


def rounded(detail: str, policy: RoundingInMoco) -> Check:
    """The check of an account that rounds."""
    if policy is RoundingInMoco.ACCEPT:
        return Check("rounding", Status.OK, f"{detail}; accepted by policy.rounding_in_moco")
    fix = 'switch it off in MOCO, or set policy.rounding_in_moco = "accept"; until then `migrator verify` exits 4'
    return Check("rounding", Status.WARN, detail, fix)


def check_period_lock(examined: Examined) -> Check:
    """Whether the oldest staged day can be written."""
    with reading(examined.place.engine) as session:
        first = totals.source_totals(session).first_day
    if first is None:
        return Check("period_lock", Status.SKIP, "nothing was read yet", "`migrator read`")
    detail = f"MOCO shows no lock; whether {first}, the oldest staged day, is open is not known"
    probed = examined.probed("period_lock")
    # What was read since may be older than the day that was probed.
    return probed if probed and str(first) in probed.detail else Check("period_lock", Status.UNKNOWN, detail, PROBE)


def check_description(examined: Examined) -> Check:
    """Whether the account demands descriptions."""
    detail = "whether short descriptions are refused is not known"
    return examined.probed("description") or Check("description", Status.UNKNOWN, detail, PROBE)
