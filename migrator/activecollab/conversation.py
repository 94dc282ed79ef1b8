"""Talking to one server: what its answers mean for a list, for one object and for a write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, tzinfo

from migrator.activecollab.address import Params
from migrator.activecollab.client import ActiveCollabRefused, Client, Gone, Invisible, Listing, Unknown
from migrator.activecollab.credential import Credential
from migrator.activecollab.refusals import parse_refusal
from migrator.activecollab.transport import Elsewhere, Got, Purpose, Silence, Transport
from migrator.activecollab.wire import Answer
from migrator.core.model import LIVE, DocumentProblem, Reading, Rejected, SourceId
from migrator.errors import LoginRefused, TryAgainLater

_MOST_SILENCES = 3
_NOT_SEEN = frozenset({401, 403})


class Verdict:
    """What is known against a list while it is read: why it is not complete, and whether it may be seen."""

    def __init__(self) -> None:
        self._first = ""
        self._more = 0
        self.forbidden = False
        self.capped = False
        self.out_of_reach = False

    def add(self, problem: str) -> None:
        """Name one more reason why the list is not complete."""
        if self._first:
            self._more += 1
        else:
            self._first = problem

    def take(self, part: Verdict) -> None:
        """Add what is known against a part of the list."""
        self.forbidden |= part.forbidden
        self.capped |= part.capped
        self.out_of_reach |= part.out_of_reach
        if part:
            self.add(str(part))

    def __bool__(self) -> bool:
        return bool(self._first)

    def __str__(self) -> str:
        return f"{self._first} (and {self._more} more)" if self._more else self._first


class ReadListing(Listing):
    """A listing read by a function that adds to its verdict what it meets."""

    def __init__(self, name: str, read: Callable[[Verdict], Iterator[Reading]]) -> None:
        self.name = name
        self._verdict = Verdict()
        self._readings = read(self._verdict)
        self._ended = False

    def __next__(self) -> Reading:
        try:
            return next(self._readings)
        except StopIteration:
            self._ended = True
            raise

    @property
    def problem(self) -> str:
        """Why the list is not complete; one that was not read to its end never is."""
        return str(self._verdict) or ("" if self._ended else f"{self.name} was not read to its end")

    @property
    def capped(self) -> bool:
        """Whether the server may have cut the list at a limit of its own."""
        return self._verdict.capped

    @property
    def out_of_reach(self) -> bool:
        """Whether nobody answered, or the server was overloaded."""
        return self._verdict.out_of_reach

    @property
    def forbidden(self) -> bool:
        """Whether the server said 403."""
        return self._verdict.forbidden


class Conversation:
    """The requests of one client, judged; for one thread.

    `proofs` are the commands that anybody who is logged in may call: where one of them is refused as well, the
    token is dead. Every text that came from the server is masked before it is shown.
    """

    def __init__(self, transport: Transport, credential: Credential, proofs: tuple[str, ...]) -> None:
        self.transport = transport
        self._credential = credential
        self._proofs = proofs
        self._silences = 0

    @property
    def owner(self) -> SourceId | None:
        """The person the token belongs to, as the token tells it."""
        return self._credential.user_id

    def ask(self, command: str, verdict: Verdict, params: Params = (), *, tolerates: frozenset[int]) -> Answer | None:
        """The answer to a list's command; None when there is nothing to read, which `verdict` then tells.

        `tolerates` are the statuses that mean no more than that an older server has no such command. Raises
        `LoginRefused` for a dead token and `TryAgainLater` at the third list in a row without an answer.
        """
        got = self.transport.get(command, params)
        if isinstance(got, Answer) and 200 <= got.status < 300:
            self._silences = 0
            return got
        refused = isinstance(got, Answer) and got.status in _NOT_SEEN
        if isinstance(got, Answer) and got.status in tolerates:
            if refused:
                self._require_login(command, got.status)
            got.body.close()
            return None
        verdict.forbidden |= refused
        verdict.out_of_reach |= isinstance(got, Silence)
        verdict.add(f"{LIVE}{command}: {self._why(command, got)}")
        return None

    def look(self, command: str) -> Answer | Gone | Invisible | Unknown:
        """The answer to the command of one record, where it is a success, else what it says of the record."""
        got = self.transport.get(command, purpose=Purpose.DETAIL)
        match got:
            case Answer(status=status) if 200 <= status < 300:
                self._silences = 0
                return got
            case Answer(status=404 | 410 as status):
                got.body.close()
                return Gone(status)
            case Answer(status=403):
                self._why(command, got)
                return Invisible()
            case Answer(status=(400 | 500) as status) if parse_refusal(got).denies_the_record:
                got.body.close()
                return Gone(status)
            case _:
                return Unknown(self._why(command, got))

    def fetch(self, command: str, *, purpose: Purpose = Purpose.DETAIL) -> Answer:
        """The answer to a command that must succeed; raises `ActiveCollabRefused`, `LoginRefused`, `TryAgainLater`."""
        got = self.transport.get(command, purpose=purpose)
        match got:
            case Answer(status=status) if 200 <= status < 300:
                return got
            case Answer():
                raise self._refusal(command, got)
            case Silence(why=why) | Elsewhere(why=why):
                if isinstance(got, Elsewhere) and got.login:
                    self._require_login(command, 302)
                raise TryAgainLater(
                    f"ActiveCollab at {self.transport.endpoint.host}, {command}: {why}",
                    hint="check activecollab.url and the server, then run the same command again",
                )

    def write(
        self, method: str, command: str, fields: Mapping[str, str], body: Mapping[str, object] | None = None
    ) -> Answer:
        """The answer to a write, sent once; raises like `fetch`."""
        answer = self.transport.send(method, command, fields, body=body)
        if 200 <= answer.status < 300:
            return answer
        raise self._refusal(command, answer)

    def mask(self, text: str) -> str:
        """`text` without the token."""
        return self._credential.mask(text)

    def readings(self, answered: Iterator[Reading], verdict: Verdict) -> Iterator[Reading]:
        """What a document tells; what it says against itself goes into `verdict` instead."""
        for reading in answered:
            match reading:
                case DocumentProblem(origin=origin, message=message):
                    verdict.add(self.mask(f"{origin}: {message}"))
                case Rejected(source_id=None):
                    # It could be any record, so no absence is proved by this list.
                    verdict.add(self.mask(f"{reading.origin}: a time record without a readable id"))
                    yield reading
                case _:
                    yield reading

    def _why(self, command: str, got: Got) -> str:
        """Why `got` is of no use, in words; raises where it concerns more than this command."""
        match got:
            case Silence(why=why):
                self._silences += 1
                if self._silences >= _MOST_SILENCES:
                    raise TryAgainLater(
                        f"ActiveCollab at {self.transport.endpoint.host} did not answer {self._silences} times "
                        f"in a row: {why}",
                        hint="run the same command again when the server answers",
                    )
                return why
            case Elsewhere(why=why, login=login):
                if login:
                    self._require_login(command, 302)
                return why
            case Answer(status=status):
                told = self.mask(str(parse_refusal(got)))
                got.body.close()
                self._silences = 0
                if status in _NOT_SEEN:
                    self._require_login(command, status)
                    return "may not be seen with this token (status 403)"
                return f"answered with status {status}{f': {told}' if told else ''}"

    def _refusal(self, command: str, answer: Answer) -> ActiveCollabRefused:
        refusal, status = parse_refusal(answer), answer.status
        answer.body.close()
        if status in _NOT_SEEN:
            self._require_login(command, status)
        fields = tuple((self.mask(name), self.mask(words)) for name, words in refusal.field_errors)
        return ActiveCollabRefused(status, self.mask(refusal.said), fields, command=command)

    def _require_login(self, command: str, status: int) -> None:
        """Raise `LoginRefused` unless the server still lets the token call what everybody may call."""
        alive = status != 401
        for proof in self._proofs if alive else ():
            got = self.transport.get(proof, purpose=Purpose.DETAIL)
            if isinstance(got, Answer):
                got.body.close()
                alive = alive and got.status not in _NOT_SEEN
            alive = alive and not (isinstance(got, Elsewhere) and got.login)
        if not alive:
            raise LoginRefused(
                f"ActiveCollab at {self.transport.endpoint.host} refused the token at {command}",
                hint="it may have been reset: tokens change with the password; set activecollab.token anew",
            )


class ConversingClient(Client):
    """What the clients of all generations share: one conversation, and how days and moments are read."""

    def __init__(self, conversation: Conversation, *, timezone: tzinfo, today: date) -> None:
        self.generation = conversation.transport.endpoint.generation
        self.requests = conversation.transport.requests
        self._talk = conversation
        self._timezone = timezone
        self._today = today

    def close(self) -> None:
        """Let go of connections; the client can still be used."""
        self._talk.transport.close()

    def recent_requests(self) -> tuple[float, ...]:
        """The ages of the requests that still count for the pace."""
        return self._talk.transport.pace.ages()
