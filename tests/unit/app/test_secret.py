"""Secrets hide themselves, and are taken out of texts."""

from __future__ import annotations

from migrator.app.secret import Secret, mask, register_secret


def test_a_secret_shows_itself_only_when_asked_to() -> None:
    secret = Secret("canary-4711-hidden")
    assert (repr(secret), str(secret), f"{secret}") == ("***", "***", "***")
    assert secret.reveal() == "canary-4711-hidden"


def test_an_empty_secret_is_not_given() -> None:
    assert not Secret("")
    assert repr(Secret("")) == ""
    assert Secret("canary-4712")


def test_secrets_are_equal_by_value() -> None:
    assert Secret("canary-4713") == Secret("canary-4713")
    assert Secret("canary-4713") != Secret("canary-4714")
    assert Secret("canary-4713") != "canary-4713"


def test_a_registered_secret_leaves_no_text_in_any_spelling() -> None:
    register_secret('canary ü/"&')
    for text in (
        'x canary ü/"& y',
        "x canary%20%C3%BC%2F%22%26 y",
        "x canary+%C3%BC%2F%22%26 y",
        r"x canary \u00fc/\"& y",
    ):
        assert mask(text) == "x *** y"


def test_the_longer_of_two_nested_secrets_is_masked_whole() -> None:
    register_secret("canary-nested")
    register_secret("canary-nested-longer")
    assert mask("canary-nested-longer") == "***"


def test_a_short_secret_does_not_tear_holes_into_words() -> None:
    register_secret("moco")
    assert mask("moco.url") == "moco.url"


def test_a_password_inside_a_url_is_masked() -> None:
    assert mask("postgresql://ada:pw@db/x and http://h:8/") == "postgresql://ada:***@db/x and http://h:8/"
