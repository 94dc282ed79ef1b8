"""The WSGI application that MOCO's web hooks call: checks the signature, writes down what was told, answers at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, Response, request

from migrator.app import log
from migrator.app.hooks.ours import OUR_PATH
from migrator.app.wiring import Workplace
from migrator.core.hearing import Heard, Thing, heard_of_activity, rank_of
from migrator.errors import MigratorError
from migrator.moco.calls.web_hooks import HookEvent
from migrator.moco.webhooks import LARGEST_BODY, Delivery, Unheard, is_signed, read_delivery
from migrator.store import hook_marks
from migrator.store.engine import writing

ANSWER_WITHIN = 0.8
"""Seconds; a database that takes longer makes MOCO repeat the delivery, which it does later and later."""


class HookReceiver:
    """Takes deliveries; share it between threads, close it at the end.

    `heard` is called after each one that left a mark, in a thread of the receiver's own.
    """

    def __init__(
        self,
        place: Workplace,
        keys: tuple[str, ...],
        heard: Callable[[], object] = lambda: None,
        answer_within: float = ANSWER_WITHIN,
    ) -> None:
        self._place = place
        self._keys = keys
        self._heard = heard
        self._answer_within = answer_within
        # One writes: SQLite lets only one anyway, and requests that wait in vain can still be called off.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="hooks")

    def close(self) -> None:
        """Finish what is being written down."""
        self._writer.shutdown(cancel_futures=True)

    def answer(self) -> Response:
        """Answer the present request: 404 without a key, 413 too large, 403 not signed right, 503 not written down."""
        if not self._keys:
            return Response(status=404)
        body = request.get_data(cache=False)
        if not is_signed(body, request.headers.get("X-Moco-Signature", ""), self._keys):
            log.tell(log.DELIVERY_REFUSED, bytes=len(body))
            return Response(status=403)
        account = self._place.config.moco.account if self._place.config.moco.hosted else ""
        told = read_delivery(request.headers, body, account=account, targets=list(Thing))
        future = self._writer.submit(self._write_down, told)
        try:
            future.result(self._answer_within)
        except (TimeoutError, MigratorError):
            future.cancel()
            log.tell(log.DELIVERY_LEFT)
            return Response(status=503, headers={"Retry-After": "30"})
        return Response(status=204)

    def _write_down(self, told: Delivery | Unheard) -> None:
        now = self._place.clock.now()
        with writing(self._place.engine) as session:
            hook_marks.count(session, hook_marks.RECEIVED, now)
            match told:
                case Unheard():
                    hook_marks.count(session, told.value, now)
                case Delivery():
                    hook_marks.hear(session, self._as_heard(told))
        if isinstance(told, Delivery):
            log.tell(log.DELIVERY_HEARD, target=told.target, action=told.event.value, id=told.id, origin=told.origin)
            self._heard()

    def _as_heard(self, told: Delivery) -> Heard:
        deleted = told.event is HookEvent.DELETE
        rank = rank_of(told.at_ms, told.digest, deleted=deleted)
        if told.target == Thing.ACTIVITY and told.entry is not None:
            return heard_of_activity(told.entry, rank, self._place.config.activecollab.instance)
        return Heard(Thing(told.target), told.id, deleted, rank)


def add_hooks(app: Flask, receiver: HookReceiver) -> None:
    """Let an application answer MOCO, also below a path that is kept secret in front of it."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    for rule in (OUR_PATH, f"/<path:before>{OUR_PATH}"):
        app.add_url_rule(rule, endpoint=rule, view_func=lambda before="": receiver.answer(), methods=["POST"])


def hooks_application(receiver: HookReceiver) -> Flask:
    """An application that answers nothing but MOCO's web hooks."""
    app = Flask(__name__, static_folder=None)
    add_hooks(app, receiver)
    return app
