"""Getting a token by program: the API subscription of ActiveCollab 3, `issue-token` and the cloud's two steps of 5."""

from __future__ import annotations

import secrets

from flask import Flask, Response, request

from migrator.sandbox.activecollab_address import SUBSCRIBE
from migrator.sandbox.activecollab_records import Person, State
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_web import COMMANDS, Stop, json_answer

CLOUD_ACCOUNT = 123_456


class Logins:
    """E-mail and password in, token out; no token is needed."""

    def __init__(self, state: ActiveCollabState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add what the generation offers to `app`."""
        app.add_url_rule(SUBSCRIBE, view_func=self.subscribe, methods=["POST"])
        if self._state.generation == 5:
            app.add_url_rule(f"{COMMANDS}/issue-token", view_func=self.issue_token, methods=["POST"])
            app.add_url_rule(f"{COMMANDS}/external/login", view_func=self.log_in, methods=["POST"])
            app.add_url_rule(f"{COMMANDS}/issue-token-intent", view_func=self.issue_by_intent, methods=["POST"])

    def subscribe(self) -> Response:
        """`API key: …` as plain text (DOC); a failure is 500, its body is not documented."""
        sent = {
            name: request.form.get(f"api_subscription[{name}]", "") for name in ("email", "password", "client_name")
        }
        person = self._known(sent["email"], sent["password"])
        if person is None or not sent["client_name"]:
            return Response("Error code: 2", 500, content_type="text/plain; charset=utf-8")
        token = self._state.issue_token(person.id, sent["client_name"])
        return Response(f"API key: {token}", content_type="text/plain; charset=utf-8")

    def issue_token(self) -> Response:
        """`{"is_ok": true, "token"}` (DOC); a bad login is 500 `ApiSubscriptionError` (DOC, recorded)."""
        sent = _sent()
        person = self._known(sent.get("username", ""), sent.get("password", ""))
        if person is None:
            raise Stop(500, "Invalid password", kind="ApiSubscriptionError")
        return self._issued(person.id, sent)

    def log_in(self) -> Response:
        """The cloud's first step: the accounts of a person, and an intent (USR)."""
        sent = _sent()
        person = self._known(sent.get("email", ""), sent.get("password", ""))
        if person is None:
            return json_answer({"is_ok": False, "message": "Invalid email address or password"}, 401)
        intent = secrets.token_hex(16)
        self._state.intents[intent] = person.id
        account = {
            "class": "ActiveCollab\\Shepherd\\Model\\Account\\ActiveCollab\\FeatherAccount",
            "name": CLOUD_ACCOUNT,
            "display_name": f"#{CLOUD_ACCOUNT}",
            "url": f"{request.host_url}{CLOUD_ACCOUNT}",
        }
        user = {"avatar_url": "", "first_name": person.first_name, "last_name": person.last_name, "intent": intent}
        return json_answer({"is_ok": True, "accounts": [account], "user": user})

    def issue_by_intent(self) -> Response:
        """The cloud's second step: an intent is good for one token."""
        sent = _sent()
        person_id = self._state.intents.pop(sent.get("intent", ""), None)
        if person_id is None:
            raise Stop(500, "Invalid intent", kind="ApiSubscriptionError")
        return self._issued(person_id, sent)

    def _issued(self, person_id: int, sent: dict[str, str]) -> Response:
        """Client name and vendor are required (DOC)."""
        if not sent.get("client_name") or not sent.get("client_vendor"):
            raise Stop(500, "Client name and vendor are required", kind="ApiSubscriptionError")
        token = self._state.issue_token(person_id, f"{sent['client_name']}/{sent['client_vendor']}")
        return json_answer({"is_ok": True, "token": token})

    def _known(self, email: str, password: str) -> Person | None:
        people = self._state.people_in(State.VISIBLE)
        fitting = (
            each
            for each in people
            if each.password and (each.email.lower(), each.password) == (email.lower(), password)
        )
        return next(fitting, None)


def _sent() -> dict[str, str]:
    """JSON or a form."""
    given = request.form if request.form else request.get_json(silent=True)
    return {str(name): str(value) for name, value in given.items()} if given else {}
