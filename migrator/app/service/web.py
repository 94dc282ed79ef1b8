"""The web part of the service as one WSGI application: health, metrics, MOCO's web hooks, and the console."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask, Response

from migrator.app.service.health import healthz, readyz
from migrator.app.service.hooks import HookReceiver, add_hooks
from migrator.app.service.metrics import metrics
from migrator.app.wiring import Workplace

CAREFUL = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Said with every answer that does not say otherwise."""


def build_web(place: Workplace, receiver: HookReceiver, pages: Sequence[Blueprint] = ()) -> Flask:
    """The application; `pages` are mounted at the root beside what it answers itself.

    /healthz, /readyz and /metrics name nobody and need no token.
    """
    app = Flask(__name__, static_folder=None)
    add_hooks(app, receiver)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", endpoint="readyz", view_func=lambda: readyz(place))
    app.add_url_rule("/metrics", endpoint="metrics", view_func=lambda: metrics(place))
    for blueprint in pages:
        app.register_blueprint(blueprint)

    @app.after_request
    def carefully(response: Response) -> Response:
        for name, value in CAREFUL.items():
            response.headers.setdefault(name, value)
        return response

    return app
