"""The checks of `doctor` on the MOCO account that reading can answer: login, limit, clock, hooks, timers, more."""

from __future__ import annotations

from datetime import timedelta

from migrator.app.configuration.choices import Creatable, InactivePeople
from migrator.app.doctor.check import GRANT, Check, Examined, Status
from migrator.app.doctor.targets import counted
from migrator.app.hooks.ours import is_ours, our_hooks
from migrator.app.hooks.paused import paused_hooks
from migrator.core.duration import format_hours
from migrator.core.model import MocoId
from migrator.core.policy import ArchivedProjects, ZeroDuration
from migrator.errors import LoginRefused
from migrator.moco.client import Forbidden
from migrator.moco.json_values import AnswerError
from migrator.moco.listing import ActivityFilter
from migrator.store import target, totals
from migrator.store.engine import reading
from migrator.store.window import SLOWED_TO

ACTIVATE = "activate the people in MOCO, or their records may be held"
REOPEN = "reopen the projects in MOCO, or their records are held"

LARGEST_SKEW = timedelta(seconds=60)
LOOKED_BACK = timedelta(days=365)


def check_moco(examined: Examined) -> Check:
    """Whose key it is."""
    if examined.session.user_id is None:
        return Check("moco", Status.OK, "MOCO took the key; it is the account's own and belongs to nobody")
    profile = examined.reader.fetch_profile()
    return Check("moco", Status.OK, f"MOCO took the key; it belongs to {profile.name} (person {profile.id})")


def check_staff(examined: Examined) -> Check:
    """Whether the key may act as somebody else, and see that person's time."""
    other = _somebody_else(examined)
    if other is None:
        return Check(
            "staff", Status.UNKNOWN, "there is nobody else in the account to act as", "add a person, try again"
        )
    try:
        shown = examined.reader.fetch_profile(as_user=other)
    except Forbidden as refused:
        return Check("staff", Status.FAIL, refused.message, GRANT, login=True)
    if shown.id != other:
        detail = f"MOCO ignores impersonation: asked as person {other} it answers as {shown.id}"
        return Check("staff", Status.FAIL, detail, GRANT, login=True)
    told = f"the key may act as others (tried as person {other})"
    hidden = _hidden_time(examined, other)
    if hidden:
        fix = "lists are then read as each person, which costs requests; let the key's owner see everybody's time"
        return Check("staff", Status.WARN, f"{told}, but does not see {hidden} of that person's entries", fix)
    probed = examined.probed("staff")
    return (
        Check("staff", probed.status, f"{told}; {probed.detail}", probed.fix, probed.login)
        if probed
        else (Check("staff", Status.OK, f"{told} and sees that person's time"))
    )


def _somebody_else(examined: Examined) -> MocoId | None:
    """An active person who is not the key's, if possible one that the mapping books on."""
    users = examined.masters.users.values() if examined.masters else examined.reader.list_users()
    others = [user.id for user in users if user.active and user.id != examined.session.user_id]
    return min(others, key=lambda each: (each not in examined.targets.people, each), default=None)


def _hidden_time(examined: Examined, other: MocoId) -> int:
    """How many entries of a person of the last year that person is shown, and the key is not."""
    since = examined.place.clock.today() - LOOKED_BACK
    filters = ActivityFilter(day_from=since, user_id=other)
    counts = []
    for as_user in (other, None):
        page = next(iter(examined.reader.list_activities(filters, as_user)))
        counts.append(page.total if page.total is not None else len(page.rows))
    return max(0, counts[0] - counts[1])


def check_rate_plan(examined: Examined) -> Check:
    """Whether the configured pace fits a plan of MOCO's; MOCO tells its limit nowhere but in a 429."""
    moco = examined.place.config.moco
    pace = f"{moco.requests_per_window:,} requests in {moco.window_seconds} s"
    each_second = moco.requests_per_window / moco.window_seconds
    slowed = examined.learned.get(SLOWED_TO)
    if slowed is not None:
        detail = f"{pace} were too many for MOCO (429) on {slowed.at:%Y-%m-%d %H:%M} UTC"
        fix = "lower moco.requests_per_window (15 in 15 s fits every plan), unless another program uses this key"
        return Check("rate_plan", Status.WARN, detail, fix)
    if each_second <= 1:
        return Check("rate_plan", Status.OK, f"{pace} fits every plan of MOCO's; no 429 was seen")
    if each_second <= 10:
        detail = (
            f"{pace} needs MOCO's unlimited plan, and MOCO does not tell which plan an account has; no 429 was seen"
        )
        return Check(
            "rate_plan", Status.UNKNOWN, detail, "look into MOCO's settings; else set moco.requests_per_window = 15"
        )
    fix = "set moco.requests_per_window = 15, or 150 with the unlimited plan, and moco.window_seconds = 15"
    return Check("rate_plan", Status.WARN, f"{pace} is more than any plan of MOCO's allows", fix)


def check_clock(examined: Examined) -> Check:
    """How far our clock and MOCO's are apart."""
    theirs = examined.reader.fetch_server_time()
    if theirs is None:
        return Check(
            "clock", Status.UNKNOWN, "MOCO's answers carry no time", "a proxy may take it out; check our clock"
        )
    apart = examined.place.clock.now() - theirs
    seconds = round(abs(apart.total_seconds()))
    if abs(apart) <= LARGEST_SKEW:
        return Check("clock", Status.OK, f"our clock and MOCO's are {seconds} s apart")
    ahead = "ahead of" if apart > timedelta() else "behind"
    detail = f"our clock is {seconds} s {ahead} MOCO's"
    return Check("clock", Status.WARN, detail, "set the clock of this machine (NTP)")


def check_targets(examined: Examined) -> Check:
    """What the mapping books on that cannot be booked on as it is, and which contracts are missing."""
    targets, config = examined.targets, examined.place.config
    if not targets.people:
        return Check("targets", Status.SKIP, "no staged record is mapped yet", "`migrator read`, then `migrator map`")
    told, fixes = targets.sentences, []
    for name, waiting, policy_holds, fix in (
        ("deactivated_person", targets.deactivated, config.policy.inactive_people is InactivePeople.HOLD, ACTIVATE),
        ("archived_project", targets.archived, config.policy.archived_projects is ArchivedProjects.HOLD, REOPEN),
    ):
        found = examined.probed(name) if waiting else None
        told += [found.detail] if found else []
        if waiting and policy_holds and (found is None or found.status is not Status.OK):
            fixes.append(fix)
    if targets.inactive_tasks:
        fixes.append("activate the tasks in MOCO, or map to others")
    if targets.contracts:
        missing = f"{len(targets.contracts)} contracts are missing, for {counted(targets.contracts.values())}"
        if Creatable.CONTRACTS in config.mapping.create:
            told.append(f"{missing}: `apply` creates them")
        else:
            told.append(missing)
            fixes.append('assign the people in MOCO, or add "contracts" to mapping.create')
    if fixes:
        return Check("targets", Status.WARN, "; ".join(told), "; ".join(fixes))
    if told:
        return Check("targets", Status.OK, f"{'; '.join(told)}; a run takes care of them")
    booked = counted(targets.people.values())
    return Check("targets", Status.OK, f"{booked}: every person, project and task is active, no contract is missing")


def check_mapping(examined: Examined) -> Check:
    """How much of the staged time the mapping has a place for."""
    targets = examined.targets
    whole = targets.mapped + targets.unmapped
    if examined.masters is None or not whole:
        return Check("mapping", Status.SKIP, "nothing to map was read yet", "`migrator read`")
    share = f"{100 * targets.mapped / whole:.1f} % of the hours are mapped"
    if not targets.unmapped:
        return Check("mapping", Status.OK, share)
    detail = f"{share}; {format_hours(targets.unmapped)} h would be held"
    return Check("mapping", Status.WARN, detail, "`migrator map suggest` names what is missing")


def check_web_hooks(examined: Examined) -> Check:
    """Which web hooks of others would be told of everything we write."""
    with reading(examined.place.engine) as session:
        paused, ours = paused_hooks(session), our_hooks(session)
    if paused:
        detail = f"{len(paused)} web hooks of others are paused: {', '.join(map(str, paused))}"
        return Check("web_hooks", Status.WARN, detail, "`migrator hooks resume` switches them on again")
    try:
        listed = examined.reader.list_web_hooks()
    except (LoginRefused, AnswerError) as error:
        fix = "ask an administrator whether others are told by web hooks; trial accounts have none"
        return Check("web_hooks", Status.UNKNOWN, error.message, fix)
    off = sum(is_ours(hook, ours) and not hook.active for hook in listed)
    if off:
        detail = f"{off} web hooks of ours are off: MOCO switches off those whose receiver fails too often"
        fix = "let MOCO reach `migrator hooks listen`, then `migrator hooks install URL` switches them on again"
        return Check("web_hooks", Status.WARN, detail, fix)
    active = [hook for hook in listed if hook.active and not is_ours(hook, ours)]
    if not active:
        return Check("web_hooks", Status.OK, "no web hook of others is active")
    listening = sum(hook.target == "Activity" for hook in active)
    records = sum(each.records for each in examined.targets.people.values())
    detail = (
        f"{len(active)} web hooks of others are active, {listening} of them for activities: a migration of "
        f"{records:,} records tells each as often, and MOCO switches off a hook whose receiver fails too often"
    )
    return Check(
        "web_hooks", Status.WARN, detail, "`migrator apply PLAN --pause-hooks`, or `migrator hooks pause` before"
    )


def check_timers(examined: Examined) -> Check:
    """Running timers that scans showed, and records without duration that would start one."""
    place = examined.place
    with reading(place.engine) as session:
        running = target.running_timers(session)
        empty = totals.count_empty_since(session, place.clock.today() - timedelta(days=1))
    told = []
    if empty:
        kept = place.config.policy.zero_duration is ZeroDuration.KEEP
        fate = "are held until they are older" if kept else "are skipped"
        told.append(f"{empty} records without duration dated yesterday or later would start a timer and {fate}")
    if running:
        told.append(f"timers ran on activities {', '.join(map(str, running[:5]))} when MOCO last showed them")
        return Check("timers", Status.WARN, "; ".join(told), "let them be stopped: their durations still change")
    return Check("timers", Status.OK, "; ".join(told) or "no timer runs, and no record would start one")
