"""`login`: ActiveCollab's token for a user name and password, kept in a file; the password is kept nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from migrator.activecollab.tokens import issue_token
from migrator.app.answer import Answer
from migrator.app.config import Config
from migrator.app.secret import register_secret
from migrator.errors import ConfigurationError, ExitCode, UsageError


def login(config: Config, ask: Callable[[], tuple[str, str]]) -> Answer:
    """Ask for user name and password, have a token issued, and write it where the configuration reads it.

    `ask` is called once everything else is known to be right. Raises `ConfigurationError` without an address,
    `UsageError` where a token is given already, `LoginRefused` and `TryAgainLater` of ActiveCollab.
    """
    section = config.activecollab
    if not section.url:
        place = config.path or "environment"
        raise ConfigurationError(
            (f"{place}: activecollab.url: missing; expected the address of ActiveCollab",),
            hint="such as https://ac.example.com/api/v1 or https://app.activecollab.com/123456",
        )
    file = config.token_file
    if file is None:
        raise UsageError(
            f"activecollab.token is given already, in {config.source_of('activecollab.token')}",
            hint="take it out first; `migrator login` keeps its token in a file of its own",
        )
    username, password = ask()
    register_secret(password)
    token = issue_token(
        section.url,
        username,
        password,
        timeout_seconds=section.timeout_seconds,
        proxy=config.network.proxy,
        ca_file=config.network.ca_file,
        allow_http=section.allow_http,
    )
    register_secret(token)
    _write(file, token)
    document: dict[str, object] = {"schema": "migrator.login/1", "token_file": str(file)}
    text = f"ActiveCollab issued a token; it is in {file} (readable by you only). The password was not kept."
    return Answer(text, document, ExitCode.DONE)


def _write(file: Path, token: str) -> None:
    """Replace the file as a whole, so that there is never half a token in it."""
    new = file.with_name(f"{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(f"{token}\n")
        new.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
