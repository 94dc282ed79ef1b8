"""What MOCO's client raises as a library: one class for each thing that a caller can do about it.

::

    MocoError                           anything below; `endpoint`, `status`, `messages`, `fields`
    ├── KeyRefused          401         use another key, or another account's address
    ├── PermissionMissing   403         let the key's owner have the permission
    │   └── Forbidden                   … to act as this person
    ├── NotFound            404, 410    look whether it was deleted
    ├── InvalidRequest      400, 422 …  correct the fields that are named
    │   ├── RefusedLocally              … before anything was sent: MOCO would not have taken it
    │   └── PerhapsInPart   422         … of several records: also an `OutcomeUnknown`
    ├── Locked              423         try again in a minute
    ├── TooManyRequests     429         wait `retry_after` seconds
    ├── WrongAddress        3xx         use the address that MOCO answers at
    ├── NothingWasSent                  repeat whenever you like
    ├── NoAnswer                        a read that was not answered, tried three times: try again later
    ├── AnswerError                     a read whose answer cannot be understood
    └── OutcomeUnknown                  a write that may have been applied: look before repeating

All of them are a `MigratorError`; those that the program itself knows are also what `migrator.errors` calls them.
"""

from __future__ import annotations

from migrator.core.model import MocoId
from migrator.errors import LoginRefused, MigratorError, TryAgainLater, UsageError

Messages = tuple[tuple[str, str], ...]
"""What MOCO said, (field, text): "" for no field, `base` for the record as a whole; in the account's language."""


class MocoError(MigratorError):
    """A request to MOCO did not do what was asked; the classes below say what to do about it.

    `endpoint` is method and path, `status` None where no answer came, `messages` what MOCO said. Match on
    `fields`, never on texts: those are in the language of the account.
    """

    def __init__(
        self, message: str, *, endpoint: str = "", status: int | None = None, messages: Messages = (), hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.endpoint = endpoint
        self.status = status
        self.messages = messages

    @property
    def fields(self) -> frozenset[str]:
        """The fields named in `messages`."""
        return frozenset(field for field, _ in self.messages if field)


class KeyRefused(MocoError, LoginRefused):
    """401: MOCO does not know the key, or not the account; nothing was changed."""


class PermissionMissing(MocoError, LoginRefused):
    """403: the key's owner may not do this, or not in the name of this person; nothing was changed."""


class Forbidden(PermissionMissing):
    """403 while acting as somebody: that person is deactivated, or the key lacks the Staff permission."""

    def __init__(
        self,
        message: str,
        as_user: MocoId,
        *,
        endpoint: str = "",
        status: int | None = 403,
        messages: Messages = (),
        hint: str = "",
    ) -> None:
        super().__init__(message, endpoint=endpoint, status=status, messages=messages, hint=hint)
        self.as_user = as_user


class NotFound(MocoError):
    """404 or 410: there is no such thing, or not for this key; nothing was changed."""


class InvalidRequest(MocoError):
    """400, 405, 413, 415 or 422: MOCO does not take what was sent; `fields` names what is wrong."""


class RefusedLocally(InvalidRequest, UsageError, ValueError):
    """MOCO would refuse this, or ignore it in silence: nothing was sent."""

    def __init__(self, message: str, *fields: str, hint: str = "") -> None:
        super().__init__(message, messages=tuple((field, message) for field in fields), hint=hint)


class Locked(MocoError):
    """423: MOCO is busy with the same thing, such as a presence that was touched in this very minute."""


class TooManyRequests(MocoError, TryAgainLater):
    """429: the request limit was passed and nothing was changed; `retry_after` in seconds where MOCO says."""

    def __init__(
        self,
        message: str,
        *,
        endpoint: str = "",
        status: int | None = 429,
        messages: Messages = (),
        hint: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, endpoint=endpoint, status=status, messages=messages, hint=hint)
        self.retry_after = retry_after


class WrongAddress(MocoError, UsageError):
    """MOCO redirects to another address: not followed, since a write would lose its body on the way."""


class NothingWasSent(MocoError, TryAgainLater):
    """No byte of the request left this machine: repeating it is safe."""


class NoAnswer(MocoError, TryAgainLater):
    """A read was not answered usefully, whatever number of times: network, timeouts, 5xx. Nothing was changed."""


class AnswerError(MocoError, TryAgainLater):
    """MOCO's answer is not what its API describes; names endpoint and field, never the content."""

    def __init__(self, endpoint: str, expected: str) -> None:
        super().__init__(
            f"MOCO's answer to {endpoint} cannot be used: expected {expected}",
            endpoint=endpoint,
            hint="Try again later; if it stays, MOCO's API may have changed or a proxy answered instead.",
        )


class OutcomeUnknown(MocoError):
    """A write was sent, and nobody knows whether MOCO applied it: look before repeating it.

    An answer that came late, broken, as a 5xx or not at all. Ask MOCO for what should be there now, and give a slow
    server a minute first; a repeated create makes a second record.
    """


class PerhapsInPart(InvalidRequest, OutcomeUnknown):
    """A 422 of a request with several records: MOCO does not say that none of them was applied."""
