"""Who one is: session and profile of the simulated MOCO."""

from __future__ import annotations

import secrets

from flask import Flask, Response, request

from migrator.sandbox.moco_records import ApiKey
from migrator.sandbox.moco_shapes_people import profile_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import API_ROOT, Stop, answer, caller, sent_fields


class SessionRoutes:
    """`/session` and `/profile`."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        app.add_url_rule(f"{API_ROOT}/session", view_func=self.show_session, methods=["GET"])
        app.add_url_rule(f"{API_ROOT}/session", view_func=self.log_in, methods=["POST"])
        app.add_url_rule(f"{API_ROOT}/profile", view_func=self.show_profile, methods=["GET"])

    def show_session(self) -> Response:
        """`{"id","uuid"}` of the key's owner (RECORDED); an account key gets 403 (GUESS)."""
        owner = caller().key_owner
        if owner is None:
            raise Stop(403)
        return answer({"id": owner.id, "uuid": self._state.user_uuid(owner)})

    def log_in(self) -> Response:
        """E-mail and password, as JSON or form, for a key (DOC); otherwise 401 (DOC)."""
        form = request.mimetype == "application/x-www-form-urlencoded"
        sent = dict(request.form) if form else sent_fields()
        email, password = sent.get("email"), sent.get("password")
        for user in self._state.users.values():
            known = user.active and user.password is not None
            if known and user.email == str(email).lower() and user.password == password:
                return answer({"api_key": self._key_of(user.id), "user_id": user.id})
        raise Stop(401, {"message": "Unauthorized"})

    def show_profile(self) -> Response:
        """The effective user, so the impersonated one (DOC)."""
        return answer(profile_json(self._state, caller().person()))

    def _key_of(self, user_id: int) -> str:
        for key, owner in self._state.keys.items():
            if owner.user_id == user_id:
                return key
        key = secrets.token_hex(12)
        self._state.keys[key] = ApiKey(user_id)
        return key
