"""Employments of the simulated MOCO, and the report that holds them against the time that was booked."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from flask import Flask, Response, request

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Words
from migrator.sandbox.moco_query import query_day, query_ids, query_moment, query_number
from migrator.sandbox.moco_records import Employment, Permission, User
from migrator.sandbox.moco_shapes import Json
from migrator.sandbox.moco_shapes_people import employment_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import API_ROOT, Stop, answer, broken, caller, deleted, page_of, sent_fields

_WEEKDAYS = 5
_YEARS = range(2000, 2101)


class EmploymentRoutes:
    """`/users/employments` and `/users/{id}/performance_report`; without the people permission 403 (LIVE)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/users/employments", f"{API_ROOT}/users/employments/<int:employment_id>"
        report = f"{API_ROOT}/users/<int:user_id>/performance_report"
        app.add_url_rule(many, view_func=self.list_employments, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_employment, methods=["POST"])
        app.add_url_rule(one, view_func=self.show_employment, methods=["GET"])
        app.add_url_rule(one, view_func=self.delete_employment, methods=["DELETE"])
        app.add_url_rule(report, view_func=self.show_performance, methods=["GET"])

    def list_employments(self) -> Response:
        """Paged (RECORDED), by id; those that touch the days from `from` to `to` (GUESS)."""
        caller().require(Permission.STAFF)
        first, last, after, ids = query_day("from"), query_day("to"), query_moment("updated_after"), query_ids()
        chosen = [
            each
            for each in self._state.employments.values()
            if query_number("user_id") in (None, each.user_id)
            and (ids is None or each.id in ids)
            and (last is None or each.start <= last)
            and (first is None or each.end is None or each.end >= first)
            and (after is None or each.updated_at.replace(microsecond=0) > after)
        ]
        return page_of(chosen, lambda each: employment_json(self._state, each))

    def show_employment(self, employment_id: int) -> Response:
        """One employment (RECORDED)."""
        return answer(employment_json(self._state, self._employment(employment_id)))

    def create_employment(self) -> Response:
        """200; without `from` the server breaks (RECORDED in 2022, though documented as optional)."""
        caller().require(Permission.STAFF)
        fields, state, now = FieldReader(sent_fields()), self._state, self._state.now()
        if fields.raw("from") is None:
            return broken()
        user_id = fields.reference("user_id", state.users)
        start, end = fields.day("from", None), fields.day("to", None)
        pattern = fields.raw("pattern")
        halves = [pattern.get(half) if isinstance(pattern, dict) else None for half in ("am", "pm")]
        if not all(_is_week(half) for half in halves):
            fields.complain("pattern", Words.INVALID)
        fields.check()
        assert start is not None
        am, pm = (tuple(float(hours) for hours in half or ()) for half in halves)
        employment = Employment(state.new_id(), user_id, am, pm, start, end, now, now)
        state.employments[employment.id] = employment
        return answer(employment_json(state, employment))

    def delete_employment(self, employment_id: int) -> Response:
        """204 (RECORDED)."""
        employment = self._employment(employment_id)
        del self._state.employments[employment.id]
        return deleted(self._state, employment_json(self._state, employment))

    def show_performance(self, user_id: int) -> Response:
        """Hours booked and hours owed by month (RECORDED for a person without any, DOC); a bad year is 400 (DOC)."""
        caller().require(Permission.STAFF)
        user = self._state.users.get(user_id)
        if user is None:
            raise Stop(404)
        asked = request.args.get("year")
        year = query_number("year") if asked else self._state.today().year
        if year is None or year not in _YEARS:
            raise Stop(400, {"message": "Invalid year"})
        return answer(self._performance(user, year))

    def _employment(self, employment_id: int) -> Employment:
        caller().require(Permission.STAFF)
        employment = self._state.employments.get(employment_id)
        if employment is None:
            raise Stop(404)
        return employment

    def _performance(self, user: User, year: int) -> Json:
        months = [self._month(user, year, month) for month in range(1, 13)]
        tracked, target = _sum(months, "hours_tracked_total"), _sum(months, "target_hours")
        until_today = self._owed(user, date(year, 1, 1), min(date(year, 12, 31), self._state.today()))
        annually: Json = {
            "year": year,
            "employment_hours": target,
            "target_hours": target,
            "hours_tracked_total": tracked,
            "variation": round(tracked - target, 2),
            "variation_until_today": round(tracked - until_today, 2),
        }
        if self._state.switches.newer_fields:
            annually["hours_billable_total"] = _sum(months, "hours_billable_total")
        return {"annually": annually, "monthly": months}

    def _month(self, user: User, year: int, month: int) -> Json:
        first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        booked = [each for each in self._state.activities if each.user_id == user.id and first <= each.date <= last]
        tracked = round(sum(each.worked_seconds for each in booked) / 3600, 2)
        target = self._owed(user, first, last)
        shown: Json = {
            "year": year,
            "month": month,
            "target_hours": target,
            "hours_tracked_total": tracked,
            "variation": round(tracked - target, 2),
        }
        if self._state.switches.newer_fields:
            earning = sum(each.seconds for each in booked if each.billable)
            shown["hours_billable_total"] = round(earning / 3600, 2)
        return shown

    def _owed(self, user: User, first: date, last: date) -> float:
        """What the employments ask for on the weekdays of these days; nobody has holidays here."""
        hours = 0.0
        for each in self._state.employments.values():
            if each.user_id == user.id:
                day, end = max(first, each.start), min(last, each.end or last)
                while day <= end:
                    if day.weekday() < _WEEKDAYS:
                        hours += each.am[day.weekday()] + each.pm[day.weekday()]
                    day += timedelta(days=1)
        return round(hours, 2)


def _is_week(given: object) -> bool:
    return (
        isinstance(given, list)
        and len(given) == _WEEKDAYS
        and all(isinstance(one, (int, float)) and not isinstance(one, bool) and one >= 0 for one in given)
    )


def _sum(months: Iterable[Json], name: str) -> float:
    return round(sum(hours for month in months if isinstance(hours := month[name], float)), 2)
