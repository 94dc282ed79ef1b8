"""Mail against a real server: what arrives, what must be encrypted, and a server that is down, slow or unwilling."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migrator.app.configuration.smtp import MailServer, Tls, parse_smtp_url
from migrator.app.notify.mail import Mailer
from migrator.app.secret import mask
from migrator.core.outbox import Letter
from migrator.errors import TryAgainLater
from tests.support.mailbox import Mailbox, mailbox
from tests.unit.moco.servers import accepting, hang
from tests.unit.moco.test_wire import certificate

__all__ = ["certificate"]

LETTER = Letter("7f", datetime(2026, 11, 26, 8, 0, tzinfo=UTC), "Größe → 3", "12 held, 34.50 h\n.\nNext:\n")
TO = ("ops@example.com", "boss@example.com")
LOGIN = ("robot@example.com", "s3cr3t/p@ss:word")


def mailer(box: Mailbox, tls: Tls = Tls.PLAIN, *, ca_file: Path | str = "", seconds: float = 5) -> Mailer:
    user, password = box.login or ("", "")
    server = MailServer("localhost", box.port, tls, user, password)
    return Mailer(server, TO, "robot@example.com", str(ca_file), seconds)


def refused(one: Mailer) -> str:
    with pytest.raises(TryAgainLater) as raised:
        one.send(LETTER)
    return raised.value.message


def test_a_letter_arrives_as_it_was_written_at_everybody() -> None:
    with mailbox() as box:
        assert mailer(box).send(LETTER) == 0
        assert mailer(box).send(LETTER) == 0
    one, again = box.received
    assert (one.sender, one.to) == ("robot@example.com", list(TO))
    assert one.message["Subject"] == "Größe → 3"
    assert one.text.replace("\r\n", "\n") == LETTER.text
    assert one.message["Auto-Submitted"] == "auto-generated"
    # Whoever gets it twice sees that it is the same one.
    assert one.message["Message-ID"] == again.message["Message-ID"] == "<7f@migrator.invalid>"


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.AT_ONCE])
def test_the_way_to_another_machine_is_encrypted_before_the_login(certificate: Path, tls: Tls) -> None:
    with mailbox(certificate=certificate, encrypted_at_once=tls is Tls.AT_ONCE, login=LOGIN) as box:
        mailer(box, tls, ca_file=certificate).send(LETTER)
        assert [(each.encrypted, each.user) for each in box.received] == [(True, LOGIN[0])]
        assert "certificate of the mail server localhost was refused" in refused(mailer(box, tls))
        assert len(box.received) == 1


def test_without_encryption_neither_password_nor_letter_leave() -> None:
    with mailbox(login=LOGIN) as box:
        assert "offers no encryption" in refused(mailer(box, Tls.STARTTLS))
    assert box.received == []


def test_a_refusal_is_told_by_its_number_without_what_the_server_repeats() -> None:
    with mailbox(login=("somebody", "else")) as box:
        one = Mailer(MailServer("localhost", box.port, Tls.PLAIN, *LOGIN), TO, "robot@example.com")
        assert refused(one) == "the mail server localhost refused the login (535)"
    with mailbox(refused_recipients=frozenset(TO)) as box:
        assert refused(mailer(box)) == "the mail server localhost refused every recipient (550)"
    for verb, words in (("MAIL", "refused the sender (451)"), ("DATA", "refused the mail (451)")):
        with mailbox(refuses={verb: b"451 not now, ops@example.com"}) as box:
            told = refused(mailer(box))
            assert words in told
            assert "ops@" not in told
    with mailbox(refuses={"": b"554 no service"}) as box:
        assert refused(mailer(box)) == "the mail server localhost refused the mail (554)"


def test_one_wrong_address_keeps_nobody_else_from_the_letter() -> None:
    with mailbox(refused_recipients=frozenset(TO[:1])) as box:
        assert mailer(box).send(LETTER) == 1
        assert [each.to for each in box.received] == [list(TO[1:])]


def test_a_letter_that_was_taken_counts_though_the_farewell_fails() -> None:
    with mailbox(refuses={"QUIT": b"421 whatever"}) as box:
        assert mailer(box).send(LETTER) == 0


def greet_for_ever(connection: socket.socket) -> None:
    """A line of a greeting now and then, never the last one: no read waits long enough for its own timeout."""
    pause = threading.Event()
    while True:
        connection.sendall(b"220-welcome\r\n")
        pause.wait(0.02)


def test_a_server_that_is_down_hangs_or_drips_costs_no_more_than_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    down = Mailer(MailServer("127.0.0.1", port, Tls.PLAIN), TO, "a@example.com")
    assert refused(down) == "the mail server 127.0.0.1 refuses connections"
    for talk in (hang, greet_for_ever):
        with accepting(talk) as server:
            port = int(server.url.rpartition(":")[2])
            began = time.monotonic()
            told = refused(Mailer(MailServer("127.0.0.1", port, Tls.PLAIN), TO, "a@example.com", seconds=0.3))
            assert time.monotonic() - began < 2
            assert told == "the mail server 127.0.0.1 does not answer"


# -- the address ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://a%40b.de:p%2Fw@mail.b.de", MailServer("mail.b.de", 465, Tls.AT_ONCE, "a@b.de", "p/w")),
        ("smtp://u:longpass@mail.b.de:2525", MailServer("mail.b.de", 2525, Tls.STARTTLS, "u", "longpass")),
        ("smtp://mail.b.de", MailServer("mail.b.de", 587, Tls.STARTTLS)),
        ("smtp://localhost:25/", MailServer("localhost", 25, Tls.PLAIN)),
        ("smtp://[::1]", MailServer("::1", 587, Tls.PLAIN)),
    ],
)
def test_the_address_says_how_the_way_is_protected(url: str, server: MailServer) -> None:
    assert parse_smtp_url(url) == server
    assert "p/w" not in repr(server)


@pytest.mark.parametrize(
    "url", ["mail.b.de", "http://mail.b.de", "smtp://", "smtp://u@mail.b.de", "smtp://a b", "smtp://h:x", "smtp://h/?x"]
)
def test_any_other_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="special characters as %40") as raised:
        parse_smtp_url(url)
    assert str(raised.value).startswith("smtps://USER:PASSWORD@HOST or smtp://")


def test_the_password_alone_is_masked_too() -> None:
    parse_smtp_url("smtp://u:zu%20geheim%21@mail.b.de")
    assert mask("535 bad credentials zu geheim!") == "535 bad credentials ***"
