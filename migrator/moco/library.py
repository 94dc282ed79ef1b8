"""The client for programs of others: every call as a method, reads repeated, writes sent exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar, assert_never

from requests.adapters import BaseAdapter

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall
from migrator.moco.calls.session import IssuedKey, log_in
from migrator.moco.errors import MocoError, NothingWasSent, OutcomeUnknown, PerhapsInPart
from migrator.moco.json_values import AnswerError
from migrator.moco.listing import Query
from migrator.moco.outcomes import Answered, NotSent, Refused, Reply, Unclear, WriteKind, read_refusal
from migrator.moco.pacing import LocalWindow, Priority
from migrator.moco.refusing import error_of
from migrator.moco.resources import (
    Activities,
    Companies,
    Contracts,
    Presences,
    ProjectGroups,
    Projects,
    Session,
    Tasks,
    Units,
    Users,
    WebHooks,
)
from migrator.moco.transport import Network
from migrator.moco.writing import MocoWriter

REQUESTS, SECONDS = 15, 15.0
"""How many requests in how many seconds unless told otherwise: a second each, as MOCO's standard plan allows."""

_LOOK = "MOCO may have applied it: look whether it did before you send it again."

Answer = TypeVar("Answer")
Row = TypeVar("Row")


class _Conversation(MocoWriter):
    """A writer whose reads raise for every answer that is none: nothing is None because it does not exist."""

    def _get(self, path: str, params: Query, as_user: MocoId | None, priority: Priority) -> Reply:
        reply = super()._get(path, params, as_user, priority)
        if not 200 <= reply.status < 300:
            raise error_of(f"GET {path}", read_refusal(reply), as_user)
        return reply


class MocoClient:
    """One MOCO account, one key: resources as attributes; share it between threads, close it at the end.

    Reads wait for the request window, and are tried three times against network errors, 5xx and 429. Writes are sent
    exactly once, whatever happens; everything but success is one of the errors in `migrator.moco.errors`. Lists are
    read page by page while their rows are taken.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        as_user: int | None = None,
        requests: int = REQUESTS,
        seconds: float = SECONDS,
        timeout_seconds: float = 30.0,
        network: Network | None = None,
        adapter: BaseAdapter | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`url` is the account's address, `as_user` the person to act as (needs the Staff permission).

        Never more than so many `requests` in so many `seconds`, whatever number of threads. A request has
        `timeout_seconds` for all of it. `adapter` replaces the network. Raises `ConfigurationError` for an address or
        key that cannot be one.
        """
        self._conversation = _Conversation(
            url,
            api_key,
            LocalWindow(requests, seconds, sleep=sleep),
            timeout_seconds=timeout_seconds,
            window_seconds=seconds,
            network=network,
            adapter=adapter,
            sleep=sleep,
        )
        self._bind(None if as_user is None else MocoId(as_user))

    @classmethod
    def by_password(cls, url: str, email: str, password: str, **options: Any) -> Self:  # Any: those of the constructor
        """A client with the key that MOCO gives for a password; `options` are those of the constructor."""
        reach = {name: options[name] for name in ("timeout_seconds", "network", "adapter") if name in options}
        return cls(url, issue_key(url, email, password, **reach).api_key, **options)

    def _bind(self, as_user: MocoId | None) -> None:
        self._as_user = as_user
        self.session = Session(self)
        self.activities = Activities(self)
        self.projects = Projects(self)
        self.project_groups = ProjectGroups(self)
        self.tasks = Tasks(self)
        self.contracts = Contracts(self)
        self.companies = Companies(self)
        self.users = Users(self)
        self.units = Units(self)
        self.presences = Presences(self)
        self.web_hooks = WebHooks(self)

    def acting_as(self, user_id: int | None) -> MocoClient:
        """The same client in the name of a person, None for the key's own; connections and window are shared."""
        other = MocoClient.__new__(MocoClient)
        other._conversation = self._conversation
        other._bind(None if user_id is None else MocoId(user_id))
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every kept connection, also of clients that act as somebody."""
        self._conversation.close()

    def __repr__(self) -> str:
        acting = "" if self._as_user is None else f", as_user={self._as_user}"
        return f"{type(self).__name__}({self._conversation.root!r}{acting})"

    def send(self, call: Call[Answer]) -> Answer:
        """Send any call of `migrator/moco/calls` and give its answer; raises `MocoError`."""
        if call.method == "GET":
            found = self._conversation.fetch(call, self._as_user)
            assert found is not None, "a missing thing raises NotFound"
            return found
        return _written(self._conversation, call, self._as_user)

    def rows(self, call: ListCall[Row]) -> Iterator[Row]:
        """The rows of any list, page by page as they are taken; raises `MocoError`."""
        return self._conversation.fetch_all(call, self._as_user)


def issue_key(
    url: str,
    email: str,
    password: str,
    *,
    timeout_seconds: float = 30.0,
    network: Network | None = None,
    adapter: BaseAdapter | None = None,
) -> IssuedKey:
    """The API key of whom the password belongs to; raises `KeyRefused` when it is wrong."""
    conversation = _Conversation(
        url, None, LocalWindow(1, SECONDS), timeout_seconds=timeout_seconds, network=network, adapter=adapter
    )
    with conversation:
        return _written(conversation, log_in(email, password), None)


def _written(conversation: _Conversation, call: Call[Answer], as_user: MocoId | None) -> Answer:
    """Send a write once, and raise for everything but an answer that can be understood."""
    permit = conversation.window.take(Priority.WRITE)
    outcome = conversation.send(call, permit, None, as_user)
    match outcome:
        case Answered():
            return _understood(call, outcome)
        case Refused():
            if outcome.status == 429:
                told = outcome.retry_after
                conversation.window.block(conversation.window_seconds if told is None else told)
            raise error_of(call.endpoint, outcome.refusal, as_user, outcome.retry_after)
        case NotSent():
            raise NothingWasSent(
                f"{call.endpoint} was not sent to MOCO: {outcome.reason}",
                endpoint=call.endpoint,
                hint="Nothing was changed; send it again when MOCO can be reached.",
            )
        case Unclear():
            raise _unclear(call, outcome, as_user)
        case _:
            assert_never(outcome)


def _understood(call: Call[Answer], outcome: Answered) -> Answer:
    try:
        return call.read(outcome.body)
    except AnswerError as error:
        raise OutcomeUnknown(
            f"{call.endpoint} was answered {outcome.status}, and not as MOCO describes it: {error.message}",
            endpoint=call.endpoint,
            status=outcome.status,
            hint=_LOOK,
        ) from error


def _unclear(call: Call[Any], outcome: Unclear, as_user: MocoId | None) -> MocoError:
    # Whoever sent it as one of many things to do is careful with both; here they say all that there is to say.
    if outcome.status in {410, 423} and outcome.refusal:
        return error_of(call.endpoint, outcome.refusal, as_user)
    said = f": {outcome.refusal.text}" if outcome.refusal and outcome.refusal.text else ""
    words = f"{call.endpoint} may or may not have been applied: {outcome.reason}{said}"
    told: dict[str, Any] = {
        "endpoint": call.endpoint,
        "status": outcome.status,
        "messages": outcome.refusal.messages if outcome.refusal else (),
    }
    if outcome.status == 422 and call.kind is WriteKind.SEVERAL_RECORDS:
        return PerhapsInPart(words, hint=f"Correct what MOCO names. {_LOOK}", **told)
    return OutcomeUnknown(words, hint=_LOOK, **told)
