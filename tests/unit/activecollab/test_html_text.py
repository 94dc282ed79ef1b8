from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.activecollab.html_text import html_to_text, looks_encoded_twice


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("  padded \t twice  ", "padded twice"),
        ("non\u00a0breaking&nbsp;blank&#160;s", "non breaking blank s"),
        ("\n\n a\n\n\n\nb \n\n", "a\n\nb"),
        ("a < b & c", "a < b & c"),
        ("a <b and c> d", "a <b and c> d"),
        ("List<String> & Map<K, V>", "List<String> & Map<K, V>"),
        ("1<2, 3>2", "1<2, 3>2"),
        ("<script", "<script"),
        ("R&amp;D &lt;b&gt; &quot;x&quot; &#8364; &#x20AC;", 'R&D <b> "x" € €'),
        ("http://h/?a=1&copy=2&reg=3", "http://h/?a=1&copy=2&reg=3"),
        ("<p>http://h/?a=1&copy=2</p>", "http://h/?a=1&copy=2"),
        ("&unknown; &", "&unknown; &"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<p>one</p>\n\n<p>two</p>", "one\ntwo"),
        ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"),
        ("a<br><br>b<br><br><br><br>c", "a\n\nb\n\nc"),
        ("<p>a &amp; b < c</p>", "a & b < c"),
        ("<p>wrapped\nby the editor</p>", "wrapped by the editor"),
        ("typed\nby <b>hand</b>", "typed\nby hand"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ul>\n <li> a </li>\n <li><p>b</p></li>\n</ul>after", "- a\n- b\nafter"),
        ("before<ol><li>a<ul><li>b</ul><li>c</ol>", "before\n- a\n- b\n- c"),
        ('<a href="http://x.example/p">text</a>', "text (http://x.example/p)"),
        ('<a href="http://x.example/">x.example</a>', "x.example"),
        ('<a href="http://x.example">http://X.example/</a>', "http://X.example/"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ('<a href="mailto:a@x.example">Ann</a>', "Ann (mailto:a@x.example)"),
        ('<a href="javascript:alert(1)">click</a> <a href="#top">up</a> <a name="n">n</a>', "click up n"),
        ('<a href="http://x.example/p"><img src="i.png"/></a>', "http://x.example/p"),
        ('<a href="http://x.example/?a=1&amp;b=2">t</a>', "t (http://x.example/?a=1&b=2)"),
        ("<p>a<script>alert('<b>x</b>')</script>b<style>p { }</style>c</p>", "abc"),
        ("a <script> tag and a <!-- comment, unclosed", "a <script> tag and a <!-- comment, unclosed"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ("<p>a<o:p>&nbsp;</o:p></p><p class=MsoNormal>b</p>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>", "a b\nc"),
        ("<pre>if x:\n    y</pre>", "if x:\ny"),
        ("<b>bold</b> <i>it</i>al<u>ic</u>", "bold italic"),
        ("unclosed <b>bold", "unclosed bold"),
        ("stray </p> end", "stray end"),
        ("<div>x</div>y", "x\ny"),
        ("bell\x07 null\x00 vt\x0b c1\x85 zero\u200bwidth\ufeff", "bell null vt c1 zerowidth"),
        ("&#7;&#0;&#xFFFF;&#xD800;x", "\ufffd\ufffdx"),
        ('<img src="a.png" alt="a plan"> <img src="b.png">', "a plan"),
        ("Grüße 日本 🙂 &auml;", "Grüße 日本 🙂 ä"),
        ("<p></p><p>&nbsp;</p><br>", ""),
        ("&lt;p&gt;shown as typed&lt;/p&gt;", "<p>shown as typed</p>"),
    ],
)
def test_a_body_becomes_plain_text(body: str, text: str) -> None:
    assert html_to_text(body) == text


@pytest.mark.parametrize("tag", ["b", "div", "ul", "blockquote"])
@pytest.mark.parametrize("depth", [100, 255, 300, 3_000])
def test_no_word_is_lost_however_deep_the_markup_is(tag: str, depth: int) -> None:
    text = html_to_text(f"<{tag}>" * depth + "deep" + f"</{tag}>" * depth + " tail")
    assert text.split() == ["deep", "tail"]


def test_a_body_after_a_too_deep_one_is_read_right() -> None:
    html_to_text("<div>" * 300 + "deep")
    assert html_to_text("<div>x</div>y") == "x\ny"


@given(st.text(alphabet=st.characters(exclude_characters="<>&"), max_size=60))
def test_text_without_markup_keeps_its_words(body: str) -> None:
    words = "".join(html_to_text(body).split())
    assert words == "".join(html_to_text(f"<p>{body}</p>").split())


MARKUP = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<br/>",
        "<ul>",
        "<li>",
        "</ul>",
        "<b>",
        "</b>",
        "<a href='u'>",
        "</a>",
        "<!--",
        "-->",
        "<",
        "&",
    ]
)


@given(st.lists(st.one_of(MARKUP, st.text(max_size=8)), max_size=30).map("".join))
def test_any_body_becomes_tidy_text(body: str) -> None:
    text = html_to_text(body)
    assert text == text.strip("\n")
    assert "\n\n\n" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\xa0]", text)


@given(st.lists(st.sampled_from(["<p>", "</p>", "<br>", "<b>", "</b>", "<ul><li>", "</ul>", " w1 ", " w2 "])))
def test_every_word_survives_any_nesting(pieces: list[str]) -> None:
    words = [piece.strip() for piece in pieces if "w" in piece]
    assert [word for word in html_to_text("".join(pieces)).split() if word != "-"] == words


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<script>", "<a b='", '<a b="', "<p ", "&", "<", "<p><!-- ", "<p> </p>", "<br>", "<li>", "<p>a<br> </p>"],
)
def test_hostile_repetition_takes_no_more_than_linear_time(piece: str) -> None:
    started = time.monotonic()
    html_to_text(piece * (200_000 // len(piece)) + "</style>")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("text", ["Größe", "daß", "5 €", "„so“ – und", "naïve café", "§ 5", "ÄÖÜ", "a\u00a0b", "Ærø"])
@pytest.mark.parametrize("read_as", ["cp1252", "latin-1"])
def test_text_that_was_encoded_twice_is_noticed_and_honest_text_is_not(text: str, read_as: str) -> None:
    assert looks_encoded_twice(text.encode().decode(read_as, "ignore"))
    assert not looks_encoded_twice(text)


@pytest.mark.parametrize("text", ["SÃO PAULO", "Âge", "«CAFÉ»", "pâte", "Ã", "â"])
def test_letters_that_begin_such_text_are_no_proof(text: str) -> None:
    assert not looks_encoded_twice(text)


TAGS = ["<p>", "</p>", "<br>", "<ul>", "</ul>", "<ol>", "</ol>", "<li>", "</li>"]
SIMPLE = st.sampled_from([*TAGS, "<br />", "\n", " "])
SAID = st.sampled_from(["one", " two ", "&amp;", "&nbsp;", "&lt;b&gt;", "&#10;", "ü 🙂", "a  b", "\u200b", "&bull"])


@given(st.lists(SIMPLE | SAID, max_size=14).map("".join))
@settings(max_examples=1_000)
def test_a_simple_body_reads_as_the_long_way_reads_it(body: str) -> None:
    # An attribute says nothing here, but keeps the body from being simple.
    assert html_to_text(body) == html_to_text(body + "<b class='x'></b>")
    marked = body.replace("<p>", "<p class='x'>").replace("<li>", "<li class='x'>").replace("<br>", "<br class='x'>")
    assert html_to_text(body) == html_to_text(marked)


FORMS = st.sampled_from(
    [
        "<p>{}</p>",
        "<p>{}</p><ul><li>{}</li></ul>",
        "{}<p>{}</p>{}",
        "<ol><li>{}</li>{}<li>{}</li></ol>",
        "<p>{}<br>{}</p>",
    ]
)


@given(FORMS, st.lists(SAID | st.sampled_from(["", " ", "\n", "&", "a > b", "\t"]), min_size=6, max_size=6))
@settings(max_examples=300)
def test_a_body_with_the_tags_of_the_one_before_reads_as_the_long_way_reads_it(form: str, said: list[str]) -> None:
    html_to_text(form.format("one", "two", "three"))
    for texts in (said[:3], said[3:]):
        body = form.format(*texts)
        assert html_to_text(body) == html_to_text(body + "<b class='x'></b>"), body
