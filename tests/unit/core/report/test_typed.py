"""What people typed is shown in one line, harmless, and without anybody's address."""

from __future__ import annotations

import time

import pytest

from migrator.core.report.typed import MASK, shown, web_address


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  two\nlines\t and\u00a0more ", "two lines and more"),
        ("Müller & Söhne <GmbH>", "Müller & Söhne <GmbH>"),
        ("exe\u202egnp.doc", "exe\ufffdgnp.doc"),
        ("bell\x07", "bell\ufffd"),
        ("lone \ud800", "lone \ufffd"),
        ("שלום עולם", "שלום עולם"),
        ("👩‍💻 codes", "👩‍💻 codes"),
        ("Z" + "\u0301" * 90, "Z" + "\u0301" * 4),
        ("12 h @ Berlin", "12 h @ Berlin"),
    ],
)
def test_is_shown_in_one_harmless_line(typed: str, expected: str) -> None:
    assert shown(typed, with_people=False) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "ada@example.com",
        "Ada <ada.lovelace+time@mail.example.co.uk>, please",
        "mailto:ada@example.com?subject=x",
        "ada%40example.com",
        "ada\u200b@example.com",
        "ada@exam\u00adple.com",
        '"ada lovelace"@example.com',
        "ADA@EXAMPLE.COM.",
        "jürgen@müller.example",
        "x" * 290 + " ada@example.com",
        "ada＠example.com",
    ],
)
def test_masks_an_address_wherever_it_stands(typed: str) -> None:
    masked = shown(typed, with_people=False)
    assert "ada." not in masked.lower()
    assert "ada@" not in masked.lower()
    assert "jürgen" not in masked
    assert "exam" not in masked.lower()
    assert "müller" not in masked
    assert masked.endswith("…") or MASK in masked


def test_shows_addresses_where_people_may_be_shown() -> None:
    assert shown("ada@example.com", with_people=True) == "ada@example.com"


def test_cuts_what_is_too_long_and_says_so() -> None:
    assert shown("W" * 10_000, with_people=False, longest=20) == "W" * 19 + "…"
    assert shown("W" * 20, with_people=False, longest=20) == "W" * 20
    assert shown("W" * 21, with_people=True, longest=20) == "W" * 19 + "…"


def test_giant_texts_cost_next_to_nothing() -> None:
    begun = time.process_time()
    for giant in ("W" * 1_000_000, "a@" * 500_000, "%40" * 300_000, '"' * 1_000_000):
        shown(giant, with_people=False, longest=50_000)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,<script>",
        "ftp://example.com/",
        "//example.com/",
        "https://",
        "https://example.com/a b",
        "https://example.com/\nb",
        'https://example.com/"onclick=',
        "https://ada:secret@example.com/",
        "https://example.com/?user=ada%40example.com",
        "https://example.com/\u202egnp",
        "",
    ],
)
def test_links_no_other_address(url: str) -> None:
    assert web_address(url, with_people=False) == ""


def test_links_addresses_of_the_web() -> None:
    for url in ("https://ac.example.com/public/index.php?path_info=projects/1&x=2#7", "HTTP://ac.example.com:8080/a"):
        assert web_address(url, with_people=False) == url
