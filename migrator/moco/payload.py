"""A booking as the JSON body that MOCO takes."""

from __future__ import annotations

from migrator.core.model import Booking


def activity_body(booking: Booking) -> dict[str, object]:
    """The fields of one activity for POST, PUT and bulk (MOCO's OpenAPI document, ActivityUpsertRequest).

    The person is no field: MOCO takes it from the key or from `X-IMPERSONATE-USER-ID`. Hours are deprecated,
    and `remote_service` stays unset because its list of allowed names does not know ActiveCollab.
    Raises `ValueError` for a booking whose task is still to be created (`task_id` 0).
    """
    if not booking.task_id:
        raise ValueError(f"{booking.marker}: its task was not created yet")
    body: dict[str, object] = {
        "date": booking.day.isoformat(),
        "seconds": int(booking.seconds),
        "project_id": int(booking.project_id),
        "task_id": int(booking.task_id),
        "description": booking.description,
        "billable": booking.billable,
        "remote_id": booking.marker,
    }
    if booking.url:
        body["remote_url"] = booking.url
    if booking.tag:
        body["tag"] = booking.tag
    return body
