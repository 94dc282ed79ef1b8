"""Texts that a spreadsheet would calculate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.spreadsheet import harmless, harmless_anywhere, plain

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u200b=", "\ufeff+", "'="]


@pytest.mark.parametrize("start", STARTS)
def test_what_would_be_calculated_gets_an_apostrophe_in_front(start: str) -> None:
    text = start + "cmd|' /c calc'!A1"
    assert harmless(text) == "'" + text
    assert plain(harmless(text)) == text
    assert harmless_anywhere(text)[0] == "'"


@pytest.mark.parametrize("text", ["", "a = b", "Müller & Söhne", "3 - 2", "'quoted'", "a, -b", "x;y"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
    assert harmless_anywhere(text) == text


@given(st.text())
def test_what_was_made_harmless_can_be_taken_back(text: str) -> None:
    assert plain(harmless(text)) == text


def test_a_text_behind_the_delimiter_of_the_other_dialect_is_not_calculated_either() -> None:
    assert harmless_anywhere('a;=1+1,@SUM(1);"-2') == "a;'=1+1,'@SUM(1);\"'-2"
