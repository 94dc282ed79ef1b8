"""Who may come in and press buttons: names, tokens, sessions and forms, right and wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from migrator.app.console.door import COOKIE, require_token
from migrator.app.console.seal import LASTS, Seals
from migrator.app.secret import Secret
from migrator.errors import UsageError
from migrator.store import outcomes
from migrator.store.engine import reading
from tests.unit.app.console.scene import NOW, TOKEN, Scene, a_scene, form_of

BUTTONS = ("/sync-now", "/pause", "/resume", "/logout")


@pytest.fixture
def here(ready_url: str) -> Iterator[Scene]:
    """On this machine only, without a token."""
    with a_scene(ready_url) as scene:
        yield scene


@pytest.fixture
def guarded(ready_url: str) -> Iterator[Scene]:
    """With a token, so anywhere."""
    with a_scene(ready_url, token=TOKEN) as scene:
        yield scene


def entered(scene: Scene, host: str = "migrator.example.com") -> FlaskClient:
    """A browser from elsewhere that logged in."""
    client = scene.client(host=host, remote="203.0.113.7")
    assert client.post("/login", data={"token": TOKEN}).status_code == 303
    return client


def wishes(scene: Scene) -> outcomes.Wishes:
    with reading(scene.place.engine) as session:
        return outcomes.wishes(session)


# -- without a token -----------------------------------------------------------------------------------------------


def test_without_a_token_this_machine_may_look_by_its_own_names(here: Scene) -> None:
    for host in ("127.0.0.1:8420", "localhost", "LOCALHOST:8420", "[::1]:8420"):
        assert here.client(host=host).get("/").status_code == 200


def test_a_foreign_name_that_leads_here_shows_nothing(here: Scene) -> None:
    """DNS rebinding: a page of theirs, in a browser of ours, under their name."""
    here.synced(verdict="canary-verdict")
    for host in ("evil.example", "evil.example:8420", "127.0.0.1.evil.example", "localhost.evil", "[", ""):
        for path in ("/", "/inbox", "/?lang=de"):
            answer = here.client(host=host).get(path)
            assert answer.status_code in {400, 421}, host
            assert "canary" not in answer.text
            assert "solar" not in answer.text
        assert here.client(host=host).post("/pause").status_code in {400, 421}
    assert wishes(here).paused_since is None


def test_without_a_token_nobody_else_may_look_not_even_through_a_proxy(here: Scene) -> None:
    assert here.client(remote="203.0.113.7").get("/").status_code == 403
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert here.client().get("/", headers={name: "203.0.113.7"}).status_code == 403
    assert here.client().get("/login").status_code == 303


def test_serving_elsewhere_needs_a_token() -> None:
    require_token("127.0.0.1", Secret())
    require_token("0.0.0.0", Secret(TOKEN))
    with pytest.raises(UsageError, match=r"open to everybody who reaches 0\.0\.0\.0"):
        require_token("0.0.0.0", Secret())


# -- buttons -------------------------------------------------------------------------------------------------------


def test_buttons_do_what_they_say_and_show_it(here: Scene) -> None:
    client = here.client()
    form = form_of(client.get("/"))
    done = client.post("/pause", data={"form": form})
    assert (done.status_code, done.headers["Location"]) == (303, "/?did=pause")
    assert wishes(here).paused_since == NOW
    page = client.get("/?did=pause").text
    assert "Done: nothing scheduled begins any more." in page
    assert 'action="/resume"' in page
    assert 'action="/pause"' not in page
    client.post("/resume", data={"form": form})
    client.post("/sync-now", data={"form": form})
    assert (wishes(here).paused_since, wishes(here).asked_at) == (None, NOW)
    assert "A sync was asked for" in client.get("/").text


def test_a_button_needs_the_form_of_this_very_session(here: Scene) -> None:
    client = here.client()
    form = form_of(client.get("/"))
    other = form_of(here.page("/"))
    assert other != form
    for button in BUTTONS:
        for wrong in ({}, {"form": ""}, {"form": form[:-1]}, {"form": other}, {"form": f"{form}é"}):
            assert client.post(button, data=wrong).status_code == 400, button
        assert client.get(f"{button}?form={form}").status_code == 405
        assert here.client().post(button, data={"form": form}).status_code == 400
    assert (wishes(here).paused_since, wishes(here).asked_at) == (None, None)


def test_a_form_that_another_site_sent_is_refused_whatever_it_carries(here: Scene) -> None:
    client = here.client()
    form = form_of(client.get("/"))
    for name, text, status in (
        ("Origin", "http://127.0.0.1:8420", 303),
        ("Origin", "http://evil.example", 400),
        ("Origin", "null", 400),
        ("Origin", "http://127.0.0.1:9999", 400),
        ("Origin", "http://[", 400),
        ("Sec-Fetch-Site", "same-origin", 303),
        ("Sec-Fetch-Site", "cross-site", 400),
        ("Sec-Fetch-Site", "same-site", 400),
    ):
        assert client.post("/pause", data={"form": form}, headers={name: text}).status_code == status, text


# -- with a token --------------------------------------------------------------------------------------------------


def test_without_the_token_nothing_is_shown_but_a_form_for_it(guarded: Scene) -> None:
    guarded.synced(verdict="canary-verdict")
    for remote in ("127.0.0.1", "203.0.113.7"):
        client = guarded.client(remote=remote)
        for path in ("/", "/inbox"):
            assert client.get(path).headers["Location"] == "/login"
        page = client.get("/login")
        assert page.status_code == 200
        assert 'type="password"' in page.text
        assert "solar" not in page.text
        assert client.post("/pause", data={"form": "x"}).status_code == 401
    assert "canary" not in page.text


def test_the_token_opens_a_session_that_scripts_cannot_read_and_other_sites_cannot_use(guarded: Scene) -> None:
    client = guarded.client(host="migrator.example.com", remote="203.0.113.7")
    refused = client.post("/login", data={"token": TOKEN + "x"})
    assert refused.status_code == 403
    assert "This token is wrong." in refused.text
    assert "Set-Cookie" not in refused.headers
    done = client.post("/login", data={"token": TOKEN}, headers={"X-Forwarded-Proto": "https"})
    cookie = done.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/"):
        assert part in cookie
    assert TOKEN not in cookie


def test_who_logged_in_sees_and_presses_until_they_log_out(guarded: Scene) -> None:
    client = entered(guarded)
    page = client.get("/")
    assert page.status_code == 200
    assert "main → solar" in page.text
    form = form_of(page)
    assert client.post("/sync-now", data={"form": form}).status_code == 303
    assert wishes(guarded).asked_at == NOW
    assert client.post("/logout", data={"form": form}).headers["Location"] == "/login"
    assert client.get("/").headers["Location"] == "/login"


def test_a_session_ends_with_time_with_the_token_and_with_a_forged_letter(guarded: Scene) -> None:
    login = guarded.client(remote="203.0.113.7").post("/login", data={"token": TOKEN})
    session = login.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    seals = Seals(guarded.place, TOKEN)
    assert seals.holds(session, NOW)
    assert not seals.holds(session, NOW + LASTS + timedelta(seconds=1))
    assert not Seals(guarded.place, "another-token-1234").holds(session, NOW)
    expires, nonce, seal = session.split(".")
    for forged in (
        f"{int(expires) + 9}.{nonce}.{seal}",
        f"{expires}.x.{seal}",
        f"{expires}.{nonce}.",
        "",
        "..",
        "²..x",
    ):
        assert not seals.holds(forged, NOW)
    client = guarded.app.test_client(use_cookies=False)
    for kept, status in ((session, 200), (f"{expires}.{nonce}.{'0' * 64}", 303)):
        assert client.get("/", headers={"Cookie": f"{COOKIE}={kept}"}).status_code == status


def test_every_process_on_the_database_knows_the_sessions_of_the_others(guarded: Scene) -> None:
    assert Seals(guarded.place, TOKEN).holds(Seals(guarded.place, TOKEN).new_session(NOW), NOW)


def test_scripts_come_in_with_a_bearer_token_and_need_no_form(guarded: Scene) -> None:
    client = guarded.client(remote="203.0.113.7")
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/", headers=right).status_code == 200
    assert client.post("/pause", headers=right).status_code == 303
    assert wishes(guarded).paused_since == NOW
    wrong = client.get("/", headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert client.get("/", headers={"Authorization": f"Basic {TOKEN}"}).status_code in {303, 401}


def test_guesses_are_slowed_down_for_everybody_but_sessions_go_on(guarded: Scene) -> None:
    client = entered(guarded)
    guesser = guarded.client(remote="198.51.100.9")
    answers = [guesser.post("/login", data={"token": f"guess {n}"}).status_code for n in range(12)]
    assert answers == [403] * 10 + [429] * 2
    slowed = guesser.get("/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "60")
    assert client.get("/").status_code == 200
    guarded.steady[0] += 61
    assert guesser.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_login_cannot_be_sent_by_another_site(guarded: Scene) -> None:
    client = guarded.client()
    told = client.post("/login", data={"token": TOKEN}, headers={"Origin": "https://evil.example"})
    assert told.status_code == 400
    assert "Set-Cookie" not in told.headers


# -- what every answer says ----------------------------------------------------------------------------------------


def test_every_answer_forbids_scripts_frames_and_guessing(here: Scene, guarded: Scene) -> None:
    client = here.client()
    answers = [
        *(client.get(path) for path in ("/", "/inbox", "/console.css", "/login")),
        client.post("/pause"),
        here.client(host="evil.example").get("/"),
        *(guarded.client().get(path) for path in ("/", "/login")),
        guarded.client().post("/login"),
    ]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert "immutable" not in client.get("/console.css?v=old").headers["Cache-Control"]


def test_machines_need_no_token_and_mocos_web_hooks_no_form(guarded: Scene) -> None:
    client = guarded.client(remote="203.0.113.7")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.post("/hooks/moco", data=b"{}").status_code == 404
