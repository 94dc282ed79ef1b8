"""The routes of the console: each checks at the door first, then reads the database, then writes one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, redirect, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from migrator import __version__
from migrator.app import log
from migrator.app.console.coverage import PATIENCE, Coverages
from migrator.app.console.door import COOKIE, Door, Refusal, Visitor
from migrator.app.console.frame import STYLE, STYLE_VERSION, Frame
from migrator.app.console.overview import load_overview, load_page
from migrator.app.console.seal import LASTS
from migrator.app.console.state import When, told_of, when
from migrator.app.report.wording import Language
from migrator.app.service.controls import Controls
from migrator.app.service.standing import Standing, State
from migrator.app.wiring import Workplace
from migrator.core.outcomes import Kind
from migrator.errors import MigratorError
from migrator.store.inbox import ItemKind

RELOADS: Final = 15
"""Seconds between two loads of a page on which something goes on."""

_LANGUAGE: Final = "migrator_lang"
_LANGUAGES: Final = tuple(each.value for each in Language)
_YEAR: Final = 365 * 24 * 3600
_BUTTONS: Final = ("sync-now", "pause", "resume")
_HEADERS: Final = {
    # With `no-referrer` browsers call the origin of our own forms "null", which nobody could tell from another site's.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Console:
    """Everything the pages share. Share it between threads."""

    def __init__(self, place: Workplace, patience: float) -> None:
        self.place = place
        self.door = Door(place)
        self.controls = Controls(place)
        self.coverages = Coverages(place, patience)
        self.zone = ZoneInfo(place.config.schedule.timezone)
        self.account = f"{place.config.activecollab.instance} → {place.config.moco.account}"

    # -- pages -----------------------------------------------------------------------------------------------------

    def overview(self, visitor: Visitor) -> Response:
        """The first page."""
        found = load_overview(self.place, self.coverages)
        standing = found.standing
        told = told_of(standing, self.zone)
        values = dict(told.values)
        frame = frame_for(chosen_language(), self.zone)
        if told.next is not None:
            values["next"] = told.next
        if "code" in values:
            values |= {"means": frame.say(f"exit_{values['code']}"), "code": str(values["code"])}
        goes_on = standing.state is State.RUNNING or standing.wishes.asked_at is not None
        did = request.args.get("did", "")
        return self._page(
            "overview.html",
            visitor,
            overview=found,
            told=told,
            sentence=frame.say(told.sentence, **values),
            next=self._next(standing),
            audit=standing.newest.get(Kind.AUDIT),
            refresh=RELOADS if goes_on and "still" not in request.args else 0,
            did=did.replace("-", "_") if did in _BUTTONS else "",
            version=__version__,
        )

    def _next(self, standing: Standing) -> When | None:
        """When the next sync begins; None while nobody knows."""
        if standing.next_run is None:
            return None
        if standing.state is State.RUNNING and standing.next_run <= standing.at:
            return When("after_this")
        return when(standing.next_run, standing.at, self.zone)

    def inbox(self, visitor: Visitor) -> Response:
        """What waits, page by page."""
        known = {each.value: each for each in ItemKind}
        kind, why = known.get(request.args.get("kind", "")), request.args.get("reason", "")[:60]
        after = request.args.get("after", "")
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
        page = load_page(self.place, kind, why, start)
        query = urlencode(
            {name: text for name, text in (("kind", kind.value if kind else ""), ("reason", why)) if text}
        )
        return self._page(
            "inbox.html",
            visitor,
            page=page,
            kind=kind,
            why=why,
            after=start,
            query=query,
            total=sum(group.records for group in page.groups),
        )

    def press(self, button: str) -> AnyResponse:
        """Do what a button says, then show the first page."""
        match button:
            case "sync-now":
                self.controls.sync_now()
            case "pause":
                self.controls.pause()
            case _:
                self.controls.resume()
        log.tell(log.BUTTON_PRESSED, button=button)
        return redirect(f"/?did={button}", 303)

    # -- the door --------------------------------------------------------------------------------------------------

    def login_page(self) -> AnyResponse:
        """The form that asks for the token."""
        if not self.door.needs_token:
            return redirect("/", 303)
        return self._page("login.html", Visitor(""), wrong="")

    def login(self) -> AnyResponse:
        """Check the token that was typed."""
        entered = self.door.enter(request)
        if isinstance(entered, Refusal):
            if entered is Refusal.LOGIN_NEEDED:
                log.warn(log.LOGIN_FAILED)
                page = self._page("login.html", Visitor(""), wrong="wrong_token")
                page.status_code = 403
                return page
            return self.refuse(entered)
        return self._with_session(redirect("/", 303), entered.session)

    def logout(self) -> AnyResponse:
        """Forget the session of this browser."""
        gone = redirect("/login", 303)
        gone.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return gone

    def refuse(self, refusal: Refusal) -> AnyResponse:
        """Say why not; people who only have to log in are led there."""
        scripted = "Authorization" in request.headers
        if refusal is Refusal.LOGIN_NEEDED and not scripted and request.method == "GET":
            asked = request.args.get("lang")
            return redirect(f"/login?lang={asked}" if asked in _LANGUAGES else "/login", 303)
        page = self.refusal_page(refusal.name, refusal.value)
        if refusal is Refusal.LOGIN_NEEDED:
            page.headers["WWW-Authenticate"] = "Bearer"
        if refusal is Refusal.TOO_MANY_GUESSES:
            page.headers["Retry-After"] = "60"
        return page

    def refusal_page(self, why: str, status: int, refresh: int = 0) -> Response:
        """A page that says why there is nothing else to see; it shows nothing of the accounts."""
        page = self._page("refused.html", Visitor(""), why=why, refresh=refresh, account="")
        page.status_code = status
        return page

    def guarded(self, view: Callable[[Visitor], AnyResponse]) -> AnyResponse:
        """What `view` answers to who may come in."""
        visitor = self.door.visitor(request)
        if isinstance(visitor, Refusal):
            return self.refuse(visitor)
        answer = view(visitor)
        return self._with_session(answer, visitor.session) if visitor.new else answer

    def guarded_press(self, action: Callable[[], AnyResponse]) -> AnyResponse:
        """What `action` answers to who may press buttons."""
        presser = self.door.presser(request)
        return self.refuse(presser) if isinstance(presser, Refusal) else action()

    def _with_session(self, answer: AnyResponse, session: str) -> AnyResponse:
        # Behind a proxy only it knows how it was called; saying so falsely harms nobody but who says it.
        secure = request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
        lasts = int(LASTS.total_seconds()) if self.door.needs_token else None
        answer.set_cookie(COOKIE, session, max_age=lasts, path="/", httponly=True, samesite="Strict", secure=secure)
        return answer

    def _page(self, template: str, visitor: Visitor, **values: object) -> Response:
        language = chosen_language()
        form = self.door.seals.form_token(visitor.session) if visitor.session else ""
        shared: Mapping[str, object] = {
            "account": self.account if visitor.session or not self.door.needs_token else "",
            "form": form,
            "can_leave": self.door.needs_token,
            "refresh": 0,
            "switch": _switched(language),
        }
        answer = make_response(frame_for(language, self.zone).page(template, {**shared, **values}))
        answer.headers["Content-Language"] = language.value
        answer.headers["Vary"] = "Accept-Language, Cookie"
        if "lang" in request.args:
            answer.set_cookie(_LANGUAGE, language.value, max_age=_YEAR, path="/", httponly=True, samesite="Strict")
        return answer


@cache
def frame_for(language: Language, zone: ZoneInfo) -> Frame:
    """The frame of a language, whose templates are compiled once."""
    return Frame(language, zone)


def chosen_language() -> Language:
    """What `?lang=` says, else what it said before, else what the browser prefers, else English."""
    for said in (request.args.get("lang"), request.cookies.get(_LANGUAGE)):
        if said in _LANGUAGES:
            return Language(said)
    best = request.accept_languages.best_match(_LANGUAGES, default=Language.EN.value)
    return Language(best)


def _switched(language: Language) -> str:
    """The address of this page in the other language."""
    other = Language.EN if language is Language.DE else Language.DE
    query = [(name, text[:60]) for name, text in request.args.items() if name in {"kind", "reason", "after"}]
    return f"{request.path}?{urlencode([*query, ('lang', other.value)])}" if request.method == "GET" else "/"


def console_pages(place: Workplace, patience: float = PATIENCE) -> Blueprint:
    """The console as a part of the service; a page waits so many seconds for what is worked out beside it."""
    console = Console(place, patience)
    pages = Blueprint("console", __name__)

    def shown(rule: str, view: Callable[[], AnyResponse], method: str = "GET") -> None:
        pages.add_url_rule(rule, f"{method} {rule.partition('.')[0]}", _survived(console, view), methods=[method])

    shown("/", lambda: console.guarded(console.overview))
    shown("/inbox", lambda: console.guarded(console.inbox))
    shown("/login", console.login_page)
    shown("/login", console.login, "POST")
    shown("/logout", lambda: console.guarded_press(console.logout), "POST")
    shown("/console.css", _stylesheet)
    for button in _BUTTONS:
        shown(f"/{button}", partial(console.guarded_press, partial(console.press, button)), "POST")

    @pages.after_request
    def carefully(answer: Response) -> Response:
        for name, value in _HEADERS.items():
            if not (name == "Cache-Control" and name in answer.headers):
                answer.headers[name] = value
        return answer

    return pages


def _survived(console: Console, view: Callable[[], AnyResponse]) -> Callable[[], AnyResponse]:
    """`view`, or a page that says so while the database cannot be reached."""

    def survived() -> AnyResponse:
        try:
            return view()
        except (MigratorError, SQLAlchemyError) as error:
            # The driver's words may hold the address of the database.
            log.warn(log.PAGE_NOT_SHOWN, error=type(error).__name__)
            page = console.refusal_page("NO_DATABASE", 503, RELOADS)
            page.headers["Retry-After"] = str(RELOADS)
            return page

    return survived


def _stylesheet() -> AnyResponse:
    fresh = request.args.get("v") == STYLE_VERSION
    sheet = Response(STYLE, content_type="text/css; charset=utf-8")
    sheet.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return sheet
