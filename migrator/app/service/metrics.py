"""/metrics: how the work goes, in the text format of Prometheus; read from the database when asked."""

from __future__ import annotations

from flask import Response
from sqlalchemy.exc import DBAPIError

from migrator.app.wiring import Workplace
from migrator.errors import MigratorError


def metrics(place: Workplace) -> Response:
    """All figures; only `migrator_up 0` when the database cannot be reached."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest  # noqa: PLC0415

    from migrator.app.service.gauges import collect  # noqa: PLC0415 (only who is asked for figures needs them)

    registry = CollectorRegistry()
    try:
        collect(registry, place)
    except (MigratorError, DBAPIError):
        return out_of_reach()
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def out_of_reach() -> Response:
    """The one figure that is known without a database."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest  # noqa: PLC0415

    registry = CollectorRegistry()
    Gauge("migrator_up", "1 while the database can be read.", registry=registry).set(0)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
