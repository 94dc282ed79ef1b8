"""The parts of the client that need no server: addresses, tokens, versions, refusals, pages, the pace."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.activecollab.address import Endpoint, endpoints
from migrator.activecollab.client import Generation, Info
from migrator.activecollab.conversation import Verdict
from migrator.activecollab.credential import Credential, without_token
from migrator.activecollab.pace import Pace
from migrator.activecollab.pages import Page, Paging, read_pages
from migrator.activecollab.refusals import parse_refusal
from migrator.activecollab.system_info import read_info
from migrator.activecollab.wanted_lists import is_empty_list
from migrator.activecollab.wire import Answer
from migrator.core.model import ExpenseIgnored, Origin, Reading, SourceId
from migrator.errors import ConfigurationError
from tests.unit.activecollab.speaking import TOKEN, FakeTime

TWO, THREE, FIVE = Generation.TWO, Generation.THREE, Generation.FIVE


# -- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://ac.example.com/public/api.php", Endpoint("https://ac.example.com/public/api.php", THREE)),
        ("https://ac.example.com/ac/api.php/", Endpoint("https://ac.example.com/ac/api.php", THREE)),
        ("https://ac.example.com/api/v1", Endpoint("https://ac.example.com/api/v1", FIVE)),
        ("https://ac.example.com", Endpoint("https://ac.example.com/api/v1", FIVE)),
        ("  https://ac.example.com/ ", Endpoint("https://ac.example.com/api/v1", FIVE)),
        ("https://ac.example.com/ac/public", Endpoint("https://ac.example.com/ac/public/api.php", THREE)),
        ("https://ac.example.com/public/index.php", Endpoint("https://ac.example.com/public/api.php", THREE)),
        ("https://app.activecollab.com/123", Endpoint("https://app.activecollab.com/123/api/v1", FIVE)),
        ("http://127.0.0.1:81/api.php", Endpoint("http://127.0.0.1:81/api.php", THREE)),
        ("http://[::1]:81/api/v1", Endpoint("http://[::1]:81/api/v1", FIVE)),
    ],
)
def test_an_address_stands_for_the_likeliest_endpoint_first(url: str, first: Endpoint) -> None:
    assert endpoints(url, None, allow_http=False)[0] == first


def test_every_way_in_is_tried_and_only_those_of_a_generation_that_is_given() -> None:
    site = "https://ac.example.com"
    every = endpoints(site, None, allow_http=False)
    assert {it.url for it in every} == {f"{site}/api/v1", f"{site}/api.php", f"{site}/public/api.php"}
    assert [it.url for it in endpoints(f"{site}/public/api.php", TWO, allow_http=False)] == [f"{site}/public/api.php"]
    assert [it.url for it in endpoints(f"{site}/public/api.php", FIVE, allow_http=False)] == [f"{site}/api/v1"]
    assert all(it.site == site for it in every)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ac.example.com",
        "ftp://ac.example.com",
        "https://",
        "https://ac.example.com/api.php?path_info=info&token=12-SECRET",
        "https://me:SECRET@ac.example.com/",
        "https://ac.example.com/#SECRET",
        "https://ac.example.com:SECRET/",
        "https://[SECRET/",
        "http://ac.example.com/SECRET",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        endpoints(url, None, allow_http=False)
    assert "SECRET" not in f"{refused.value.message} {refused.value.hint} {refused.value!r}"


def test_plain_http_to_another_machine_has_to_be_allowed() -> None:
    assert endpoints("http://ac.example.com/api.php", TWO, allow_http=True)


def test_commands_and_parameters_are_put_into_the_address() -> None:
    legacy = Endpoint("https://x/api.php", THREE).address("projects/7/tracking", [("dont_limit_result", "1")])
    assert legacy == "https://x/api.php?path_info=projects/7/tracking&dont_limit_result=1"
    assert Endpoint("https://x/api/v1", FIVE).address("projects", [("page", "2")]) == "https://x/api/v1/projects?page=2"
    assert Endpoint("https://x/api.php", THREE).address("") == "https://x/api.php"
    assert Endpoint("https://x/api/v1", FIVE).address("info") == "https://x/api/v1/info"


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_tells_its_owner_and_nothing_else() -> None:
    credential = Credential(TOKEN, TWO)
    assert credential.user_id == 7
    assert Credential("x" * 40, TWO).user_id is None
    assert TOKEN not in repr(credential)
    assert credential.mask(f"a {TOKEN} b {TOKEN[2:]} c") == "a (token) b (token) c"
    for escape in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not copied"):
            escape(credential)


@pytest.mark.parametrize("token", ["", "7-a b", "7-\n", "7-ü", "x" * 501])
def test_what_is_no_token_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Credential(token, TWO)
    assert not token or token not in refused.value.message


def test_a_redirect_that_repeats_the_token_is_followed_without_it() -> None:
    repeated = f"https://x/a?path_info=projects/7&token={TOKEN}&auth_api_token={TOKEN}&page=#{TOKEN}"
    assert without_token(repeated) == "https://x/a?path_info=projects/7&page="


# -- versions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            "<info><api_version><![CDATA[2.0]]></api_version>\n<system_version>\n <![CDATA[2.0.2]]>\n</system_version>"
            "<system_edition>corporate</system_edition><read_only>1</read_only>"
            "<logged_user><![CDATA[http://x/people/1/users/4]]></logged_user></info>",
            Info(TWO, "2.0", "2.0.2", "corporate", True, SourceId(4)),
        ),
        (
            "<info><api_version>1.1</api_version><logged_user>http://x/people%2F1%2Fusers%2F4</logged_user></info>",
            Info(TWO, "1.1", "", "", None, SourceId(4)),
        ),
        (
            "\ufeff<br />\n<b>Notice</b>: x\n<?xml version='1.0'?><info><api_version>3.0.0</api_version>"
            "<system_version>4.2.17</system_version><logged_user><id>1</id><name>a</name></logged_user>"
            "<read_only>0</read_only></info>",
            Info(THREE, "3.0.0", "4.2.17", "", False, SourceId(1)),
        ),
        ('{"application": "ActiveCollab", "version": "5.11.13"}', Info(FIVE, "", "5.11.13", "ActiveCollab", None)),
        (
            '{"api_version": "3.0", "system_version": "3.1", "logged_user": {"id": 3}}',
            Info(THREE, "3.0", "3.1", "", None, SourceId(3)),
        ),
    ],
)
def test_info_tells_generation_and_owner(document: str, expected: Info) -> None:
    assert read_info(io.BytesIO(document.encode())) == expected


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<html><body>info</body></html>",
        "<info></info>",
        "<info><a></info>",
        "{}",
        "[1]",
        '{"version": "x"}',
        "{" * 5,
    ],
)
def test_what_is_no_info_is_none(document: str) -> None:
    assert read_info(io.BytesIO(document.encode())) is None


def test_entities_in_info_are_never_resolved() -> None:
    kind = b'<!DOCTYPE info [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    document = kind + b"<info><system_version>2.0&x;</system_version></info>"
    assert read_info(io.BytesIO(document)) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading_of_info(document: bytes) -> None:
    read_info(io.BytesIO(b"<info>" + document + b"</info>"))
    read_info(io.BytesIO(b"{" + document))


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said", "fields"),
    [
        ("<error><message>No <b>such</b></message></error>", "No, such", ()),
        (
            "<any><message><![CDATA[<p>Nope&nbsp;!</p>]]></message>"
            "<field_errors><value> <![CDATA[is required]]> </value></field_errors></any>",
            "Nope !",
            (("value", "is required"),),
        ),
        (
            "<error><object_fields><value>x</value></object_fields><value>is wrong</value></error>",
            "",
            (("value", "is wrong"),),
        ),
        (
            '{"message": "Validation failed", "field_errors": {"value": ["is required", "is bad"]}}',
            "Validation failed",
            (("value", "is required, is bad"),),
        ),
        ('{"type": "InvalidParamError", "message": "Bad", "file": "/srv/x.php", "trace": "t"}', "Bad", ()),
        ('{"type": "ApiSubscriptionError", "message": null}', "ApiSubscriptionError", ()),
        ('{"object_fields": {"value": "x"}, "value": ["is wrong"]}', "", (("value", "is wrong"),)),
        ("<html><body><h1>Bad Request</h1></body></html>", "", ()),
        ("API key: 7-secret", "", ()),
        ("", "", ()),
        ("[1, 2]", "", ()),
        ("{broken", "", ()),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a><message>&x;</message></a>', "", ()),
    ],
)
def test_every_form_of_an_error_is_read(body: str, said: str, fields: tuple[tuple[str, str], ...]) -> None:
    refusal = parse_refusal(Answer(500, {}, io.BytesIO(body.encode())))
    assert (refusal.said, refusal.field_errors) == (said, fields)


def test_a_long_message_is_cut() -> None:
    refusal = parse_refusal(Answer(500, {}, io.BytesIO(f"<e><message>{'x' * 5000}</message></e>".encode())))
    assert len(refusal.said) == 300


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("Time record does not exist", True),
        ("TimeRecord #17 not found", True),
        ("Requested object not found", True),
        ("No such record", True),
        ("Project not found", False),
        ("Currency does not exist", False),
        ("Operation failed", False),
    ],
)
def test_only_clear_words_deny_a_record(said: str, denied: bool) -> None:
    refusal = parse_refusal(Answer(500, {}, io.BytesIO(f"<e><message>{said}</message></e>".encode())))
    assert refusal.denies_the_record is denied


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_a_refusal(body: bytes) -> None:
    for start in (b"", b"{", b"<", b"<a><message>"):
        parse_refusal(Answer(500, {}, io.BytesIO(start + body)))


# -- pages -----------------------------------------------------------------------------------------------------------


class Server:
    """A list of numbers that comes in pages; `change` happens after each page."""

    def __init__(self, count: int, *, told: str = "total", per_page: int = 100) -> None:
        self.elements = list(range(count))
        self.told = told
        self.per_page = per_page
        self.asked: list[int] = []

    def page(self, number: int) -> Page:
        self.asked.append(number)
        start = (number - 1) * self.per_page
        shown = self.elements if self.told == "whole" else self.elements[start : start + self.per_page]
        headers = {
            "total": {"currentpage": number, "itemsperpage": self.per_page, "totalitems": len(self.elements)},
            "other names": {"page": number, "perpage": self.per_page, "total": len(self.elements)},
            "whole": {"page": 0, "perpage": 0, "total": len(self.elements)},
            "nothing": {},
            "ignores pages": {},
        }[self.told]
        if self.told == "ignores pages":
            shown = self.elements
        told = Paging.told_by({f"x-angie-pagination{name}": str(value) for name, value in headers.items()})
        return told, iter([_reading(element) for element in shown])


def _reading(element: int) -> Reading:
    return ExpenseIgnored(Origin(str(element), 0))


def _identity(reading: Reading) -> str:
    assert isinstance(reading, ExpenseIgnored)
    return reading.origin.document


def _read(server: Server) -> tuple[set[str], str]:
    verdict = Verdict()
    found = {_identity(each) for each in read_pages("api:list", server.page, _identity, verdict)}
    return found, str(verdict)


@pytest.mark.parametrize("told", ["total", "other names", "whole", "nothing", "ignores pages"])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 250])
def test_a_list_that_stands_still_is_read_whole(told: str, count: int) -> None:
    found, problem = _read(Server(count, told=told))
    assert (len(found), problem) == (count, "")


@pytest.mark.parametrize(
    ("told", "count", "pages"),
    [
        ("total", 0, [1]),
        ("total", 99, [1]),
        ("total", 100, [1, 2]),
        ("total", 250, [1, 2, 3]),
        ("whole", 250, [1]),
        ("nothing", 50, [1, 2, 1, 2]),
    ],
)
def test_no_more_pages_are_asked_for_than_the_proof_needs(told: str, count: int, pages: list[int]) -> None:
    server = Server(count, told=told)
    _read(server)
    assert server.asked == pages


def test_a_total_that_is_too_small_is_not_believed() -> None:
    class Lying(Server):
        def page(self, number: int) -> Page:
            told, readings = super().page(number)
            return Paging(told.page, told.per_page, 100), readings

    found, problem = _read(Lying(250))
    assert len(found) == 250
    assert "headers said 100" in problem


def test_a_short_page_is_not_taken_for_the_last_while_the_total_says_more() -> None:
    class Thinned(Server):
        def page(self, number: int) -> Page:
            told, readings = super().page(number)
            shown = [each for each in readings if int(_identity(each)) % 10]
            return Paging(told.page, told.per_page, 225), iter(shown)

    server = Thinned(250)
    assert _read(server) == ({str(each) for each in range(250) if each % 10}, "")
    assert server.asked == [1, 2, 3]


def test_a_page_that_does_not_come_ends_the_list_with_the_words_it_left() -> None:
    verdict = Verdict()

    def fetch(number: int) -> Page | None:
        if number == 2:
            verdict.add("api:list: the server is out of order")
            return None
        return Server(250).page(number)

    assert len(list(read_pages("api:list", fetch, _identity, verdict))) == 100
    assert str(verdict) == "api:list: the server is out of order"


@given(st.data())
def test_a_list_is_called_whole_only_when_nothing_that_stayed_is_missing(data: st.DataObject) -> None:
    server = Server(data.draw(st.integers(0, 12)), per_page=3)
    stayed = {str(each) for each in server.elements}
    plain = server.page
    fresh = iter(range(1000, 2000))

    def page(number: int) -> Page:
        told = plain(number)
        # One kind of change between two pages; at the same time adding *and* removing is beyond any total.
        match data.draw(st.sampled_from(["nothing", "add", "remove", "reorder"])):
            case "add":
                server.elements.insert(data.draw(st.integers(0, len(server.elements))), next(fresh))
            case "remove" if server.elements:
                stayed.discard(str(server.elements.pop(data.draw(st.integers(0, len(server.elements) - 1)))))
            case "reorder" if server.elements:
                server.elements.append(server.elements.pop(data.draw(st.integers(0, len(server.elements) - 1))))
        return told

    server.page = page  # type: ignore[method-assign]  # the server that people disturb
    verdict = Verdict()
    found = {_identity(each) for each in read_pages("api:list", server.page, _identity, verdict)}
    assert verdict or stayed <= found


@pytest.mark.parametrize(
    ("page", "empty"),
    [
        ("null", True),
        ("[]", True),
        ('{"time_records": null, "related": null}', True),
        ('{"time_records": [], "related": {"Task": {}}}', True),
        ('{"time_records": {}}', True),
        ('{"projects": []}', False),
        ('{"version": "5.0"}', False),
        ('{"time_records": "none"}', False),
        ("[0]", False),
        ("{}", False),
        ("", False),
        ("0", False),
        ("no", False),
    ],
)
def test_only_a_list_of_the_right_kind_is_an_empty_list(page: str, empty: bool) -> None:
    assert is_empty_list(Answer(200, {}, io.BytesIO(page.encode())), "time_records") is empty


# -- the pace --------------------------------------------------------------------------------------------------------


@given(
    per_minute=st.integers(1, 6),
    steps=st.lists(st.tuples(st.floats(0, 40), st.floats(0, 40)), min_size=1, max_size=40),
)
def test_no_minute_at_the_server_sees_more_than_allowed(per_minute: int, steps: list[tuple[float, float]]) -> None:
    time = FakeTime()
    pace = Pace(per_minute, clock=time.clock, sleep=time.sleep)
    on_the_way: list[tuple[float, float]] = []
    for idle, takes in steps:
        time.now += idle
        with pace.permit():
            began = time.now
            time.now += takes
        on_the_way.append((began, time.now))
    # Wherever between sending and answer each request arrived: the latest of one and the earliest of a later one.
    for (_, answered), (began, _) in zip(on_the_way, on_the_way[per_minute:], strict=False):
        assert began - answered >= 60 - 1e-6


def test_a_request_that_fails_counts_as_well() -> None:
    time = FakeTime()
    pace = Pace(1, clock=time.clock, sleep=time.sleep)
    with pytest.raises(OSError, match="lost"), pace.permit():
        raise OSError("lost")
    with pace.permit():
        pass
    assert time.slept == [60.0]
