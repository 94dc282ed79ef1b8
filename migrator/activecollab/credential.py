"""The token: put into a request at the last moment and nowhere else, so that nothing above can show it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from migrator.activecollab.client import Generation
from migrator.core.model import SourceId
from migrator.errors import ConfigurationError

_PARAMETER = {Generation.TWO: "token", Generation.THREE: "auth_api_token"}
_HEADER = "X-Angie-AuthApiToken"
_MASK = "(token)"
_SHORTEST_SECRET = 16


class Credential:
    """A token and how its generation sends it; shows itself nowhere."""

    __slots__ = ("__generation", "__token")

    def __init__(self, token: str, generation: Generation) -> None:
        if not re.fullmatch(r"[\x21-\x7e]{1,500}", token):
            raise ConfigurationError(
                ("activecollab.token: the token is empty or holds blanks or characters that no token has",),
                hint="copy it again from ActiveCollab: a number, a hyphen, 40 letters and digits",
            )
        self.__token = token
        self.__generation = generation

    def __repr__(self) -> str:
        return "Credential(...)"

    def __reduce__(self) -> str:
        raise TypeError("a credential is not copied or stored")

    def speaking(self, generation: Generation) -> Credential:
        """The same token, sent the way of `generation`."""
        return Credential(self.__token, generation)

    @property
    def user_id(self) -> SourceId | None:
        """The owner: the digits before the hyphen (fact sheet §1.1)."""
        found = re.match(r"([1-9][0-9]{0,17})-", self.__token)
        return SourceId(int(found[1])) if found else None

    @property
    def header(self) -> tuple[str, str] | None:
        """The header to send with a request, where the generation uses one."""
        return (_HEADER, self.__token) if self.__generation is Generation.FIVE else None

    def signed(self, target: str) -> str:
        """The target of a request line with the token in it, where the generation wants it there."""
        name = _PARAMETER.get(self.__generation)
        if name is None:
            return target
        return f"{target}{'&' if '?' in target else '?'}{name}={quote(self.__token, safe='')}"

    def mask(self, text: str) -> str:
        """`text` without the token: servers repeat in their pages what they were asked."""
        secret = self.__token.partition("-")[2]
        forms = [self.__token, quote(self.__token, safe="")]
        # The part behind the user's number is the secret; a short one could be any word.
        for form in forms if len(secret) < _SHORTEST_SECRET else [*forms, secret]:
            text = text.replace(form, _MASK)
        return text


def without_token(address: str) -> str:
    """`address` without the parameters a token travels in, for following a redirect that repeats them."""
    parts = urlsplit(address)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in _PARAMETER.values()]
    return urlunsplit(parts._replace(query=urlencode(kept, safe="/"), fragment=""))
