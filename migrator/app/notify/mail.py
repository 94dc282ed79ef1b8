"""Mail by SMTP: handed over within a deadline, protected on the way unless the server is this machine."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from migrator.app.configuration.smtp import MailServer, Tls
from migrator.core.outbox import Letter
from migrator.errors import TryAgainLater

SECONDS: Final = 30.0
"""For all of one delivery; looking up the server's name may take longer."""


@dataclass(frozen=True, slots=True)
class Mailer:
    """Whom to send to, as whom, through which server; `ca_file` replaces the certificates of the system."""

    server: MailServer
    to: Sequence[str]
    sender: str
    ca_file: str = ""
    seconds: float = SECONDS

    def send(self, letter: Letter) -> int:
        """Hand the letter over; returns how many of the recipients were refused while others were not.

        Raises `TryAgainLater` when nobody gets it, in words of ours.
        """
        client: _Client | None = None
        try:
            client = _Client(self.server, ssl.create_default_context(cafile=self.ca_file or None), self.seconds)
            client.log_in()
            refused = client.send_message(self._message(letter), self.sender, list(self.to))
            with contextlib.suppress(smtplib.SMTPException, OSError):
                # The letter is theirs already, whatever becomes of the farewell.
                client.quit()
        except smtplib.SMTPNotSupportedError:
            raise TryAgainLater(
                f"the mail server {self.server.host} offers no encryption, or no login",
                hint="use smtps:// in notify.smtp_url, or another port",
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise TryAgainLater(
                f"the certificate of the mail server {self.server.host} was refused: {error.verify_message}",
                hint="name its authority in network.ca_file",
            ) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            words = _words(error, late=client is not None and client.expired)
            raise TryAgainLater(f"the mail server {self.server.host} {words}") from None
        finally:
            if client is not None:
                client.close()
        return len(refused)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, ", ".join(self.to), letter.subject
        message["Date"] = format_datetime(letter.made)
        # The same over all attempts: a mail that arrived though nobody heard so is recognised as the same one.
        message["Message-ID"] = f"<{letter.id}@migrator.invalid>"
        # No out-of-office notes in return.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message


class _Client(smtplib.SMTP):
    """A connection that ends at the deadline, however slowly the server drips, and that may begin encrypted."""

    def __init__(self, server: MailServer, context: ssl.SSLContext, seconds: float) -> None:
        self._server, self._context = server, context
        self._twin: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self.expired = False
        self._timer.start()
        try:
            # With a name given nothing is looked up, which can take a minute where DNS is broken.
            super().__init__(server.host, server.port, local_hostname="localhost", timeout=seconds)
        except BaseException:
            self.close()
            if self.expired:
                raise TimeoutError from None
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """What smtplib connects with, and what its own class for encrypted connections replaces."""
        plain = socket.create_connection((host, port), timeout)
        # TLS takes the descriptor over, and an SSL socket must not be shut down by another thread.
        self._twin = plain.dup()
        if self.expired:
            self._expire()
        if self._server.tls is not Tls.AT_ONCE:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def log_in(self) -> None:
        """Encrypt and log in as the server's address asks for; raises smtplib's exceptions."""
        if self._server.tls is Tls.STARTTLS:
            self.starttls(context=self._context)
        if self._server.user:
            self.login(self._server.user, self._server.password)

    def close(self) -> None:
        """Let go of the connection; may be called again."""
        self._timer.cancel()
        if self._twin is not None:
            self._twin.close()
            self._twin = None
        super().close()

    def _expire(self) -> None:
        self.expired = True
        twin = self._twin
        if twin is not None:
            with contextlib.suppress(OSError):
                twin.shutdown(socket.SHUT_RDWR)


def _words(error: Exception, *, late: bool) -> str:
    """What went wrong; the server's own words may name recipients, so only its codes are shown."""
    match error:
        case _ if late:
            words = "did not take the mail in time"
        case smtplib.SMTPAuthenticationError(smtp_code=code):
            words = f"refused the login ({code})"
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({code for code, _ in error.recipients.values()})
            words = f"refused every recipient ({', '.join(map(str, codes))})"
        case smtplib.SMTPSenderRefused(smtp_code=code):
            words = f"refused the sender ({code}); set notify.email_from to an address it knows"
        case smtplib.SMTPResponseException(smtp_code=code):
            words = f"refused the mail ({code})"
        # smtplib calls a read that timed out a closed connection.
        case smtplib.SMTPServerDisconnected(__context__=TimeoutError()):
            words = "does not answer"
        case smtplib.SMTPServerDisconnected():
            words = "closed the connection"
        case socket.gaierror():
            words = "is not known by that name"
        case ConnectionRefusedError():
            words = "refuses connections"
        case TimeoutError():
            words = "does not answer"
        case ssl.SSLError():
            words = "does not speak TLS there"
        case _:
            words = f"cannot be used ({type(error).__name__})"
    return words
