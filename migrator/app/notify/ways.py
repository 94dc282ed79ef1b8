"""The ways to people that the configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from migrator.app.config import Config
from migrator.app.configuration.smtp import parse_smtp_url
from migrator.app.notify.mail import Mailer
from migrator.app.notify.posting import Poster
from migrator.core.outbox import Channel, Letter


@dataclass(frozen=True, slots=True)
class Ways:
    """What is configured of mail and web hook, and the dead man's switch."""

    people: Mapping[Channel, Mailer | Poster]
    heartbeat: Poster | None = None

    def send(self, channel: Channel, letter: Letter) -> int:
        """Deliver on one way; returns how many recipients were left out. Raises `TryAgainLater` when it failed."""
        match self.people[channel]:
            case Mailer() as mailer:
                return mailer.send(letter)
            case Poster() as poster:
                poster.send(letter)
                return 0
            case other:
                assert_never(other)


def ways_of(config: Config) -> Ways:
    """The ways that `notify` names."""
    notify, network = config.notify, config.network
    posting = partial(Poster, proxy=network.proxy, ca_file=network.ca_file)
    people: dict[Channel, Mailer | Poster] = {}
    if notify.smtp_url:
        server = parse_smtp_url(notify.smtp_url.reveal())
        # Many servers take mail only from whom they know by login.
        sender = notify.email_from or (server.user if "@" in server.user else notify.email_to[0])
        people[Channel.MAIL] = Mailer(server, notify.email_to, sender, network.ca_file)
    if notify.webhook_url:
        people[Channel.WEBHOOK] = posting(notify.webhook_url.reveal(), "notify.webhook_url")
    heartbeat = posting(notify.heartbeat_url.reveal(), "notify.heartbeat_url") if notify.heartbeat_url else None
    return Ways(people, heartbeat)
