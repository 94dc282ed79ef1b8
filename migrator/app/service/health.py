"""/healthz: the process lives; /readyz: it does its work, or why not."""

from __future__ import annotations

from flask import Response, jsonify
from sqlalchemy.exc import DBAPIError

from migrator.app.service.standing import load_standing
from migrator.app.wiring import Workplace
from migrator.errors import MigratorError

NOT_READY = 503


def healthz() -> Response:
    """Alive, whatever the database says: restarting the process would mend nothing else."""
    return jsonify({"alive": True})


def readyz(place: Workplace) -> Response:
    """200 while all is as it should be; else 503 with the reason."""
    try:
        standing = load_standing(place)
    except (MigratorError, DBAPIError):
        # The driver's words may hold the address of the database.
        answer = jsonify({"ready": False, "state": "failing", "reason": "the database cannot be reached"})
        answer.status_code = NOT_READY
        return answer
    answer = jsonify({"ready": standing.ready, "state": standing.state.value, "reason": standing.reason})
    answer.status_code = 200 if standing.ready else NOT_READY
    return answer
