"""A simulated MOCO: one account, its REST API v1 as a WSGI application, and the means to disturb it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from migrator.sandbox.faults import Effect, Fault, FaultQueue
from migrator.sandbox.moco_app import MocoApp
from migrator.sandbox.moco_control import ControlRoutes
from migrator.sandbox.moco_hand import ByHand
from migrator.sandbox.moco_hook_sending import send_to_this_machine
from migrator.sandbox.moco_hooks import Attempt, HookQueue, Send
from migrator.sandbox.moco_log import RequestLog, RequestRecord
from migrator.sandbox.moco_records import Activity, Presence
from migrator.sandbox.moco_routes_activities import ActivityRoutes
from migrator.sandbox.moco_routes_bulk import BulkRoutes
from migrator.sandbox.moco_routes_companies import CompanyRoutes
from migrator.sandbox.moco_routes_employments import EmploymentRoutes
from migrator.sandbox.moco_routes_groups import GroupRoutes
from migrator.sandbox.moco_routes_hooks import HookRoutes
from migrator.sandbox.moco_routes_presences import PresenceRoutes
from migrator.sandbox.moco_routes_projects import ProjectRoutes
from migrator.sandbox.moco_routes_session import SessionRoutes
from migrator.sandbox.moco_routes_tasks import ContractRoutes, TaskRoutes
from migrator.sandbox.moco_routes_templates import TemplateRoutes
from migrator.sandbox.moco_routes_units import UnitRoutes
from migrator.sandbox.moco_routes_users import UserRoutes
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_switches import Switches

_ROUTES = (
    SessionRoutes,
    ActivityRoutes,
    BulkRoutes,
    ProjectRoutes,
    GroupRoutes,
    TaskRoutes,
    ContractRoutes,
    CompanyRoutes,
    UserRoutes,
    EmploymentRoutes,
    UnitRoutes,
    TemplateRoutes,
    PresenceRoutes,
    HookRoutes,
)


class MocoSandbox(ByHand):
    """A simulated MOCO account; empty until something is added.

    `now` is the server's clock (with a zone; late requests, staleness and rate limits follow it), `sleep`
    what a delayed answer waits with. `wsgi` is the Flask application, its API below `/api/v1`, its remote
    control below `/_sandbox`.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        switches: Switches | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(MocoState(now, switches or Switches()))
        self.faults = FaultQueue[Effect]()
        self.hooks = HookQueue(self.state)
        self._log = RequestLog()
        self.wsgi = MocoApp(self.state, self.faults, self._log, self.hooks, sleep)
        for routes in _ROUTES:
            routes(self.state).register(self.wsgi)
        ControlRoutes(self).register(self.wsgi)

    @property
    def switches(self) -> Switches:
        """The account's settings; assign to their fields."""
        return self.state.switches

    @property
    def requests(self) -> list[RequestRecord]:
        """Every request to the API so far, oldest first."""
        return self._log.all()

    def forget_requests(self) -> None:
        """Empty the log."""
        self._log.clear()

    @property
    def rate_violations(self) -> int:
        """How many requests came too early and were answered 429."""
        return self.wsgi.windows.violations

    @property
    def activities(self) -> list[Activity]:
        """All activities, late ones that are due included, in the order of creation."""
        self.wsgi.settle()
        with self.state.lock:
            return sorted(self.state.activities, key=lambda activity: activity.id)

    @property
    def presences(self) -> list[Presence]:
        """All presences, late ones that are due included, by day and time."""
        self.wsgi.settle()
        with self.state.lock:
            return sorted(self.state.presences.values(), key=lambda each: (each.date, each.start, each.id))

    @property
    def webhook_key(self) -> str:
        """The account's 32 characters that web hooks are signed with; assign to it."""
        return self.state.webhook_key

    @webhook_key.setter
    def webhook_key(self, key: str) -> None:
        self.state.webhook_key = key

    def deliver_hooks(self, send: Send = send_to_this_machine) -> list[Attempt]:
        """Call every web hook whose event is due now, once, and say what became of it."""
        self.wsgi.settle()
        return self.hooks.deliver(send)

    @property
    def welcome_mails(self) -> list[str]:
        """The addresses that a mail welcomed, oldest first."""
        with self.state.lock:
            return list(self.state.welcome_mails)

    def with_marker(self, marker: str) -> list[Activity]:
        """The activities whose `remote_id` is `marker`, late ones that are due included."""
        self.wsgi.settle()
        with self.state.lock:
            return self.state.activities.with_marker(marker)

    def fault(
        self,
        effect: Effect,
        *,
        method: str | None = None,
        path: str = ".*",
        nth: int = 1,
        times: int | None = 1,
    ) -> None:
        """Queue `effect` for the nth matching request from now on, and the next ones up to `times`."""
        self.faults.add(Fault(effect, method, path, nth, times))
