"""Link headers as platforms send them, and walks that end."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.http import Broken, HttpError, Refused
from lti_tool.lti.services import paging
from lti_tool.lti.services.connector import below, with_query
from lti_tool.lti.services.paging import Pages, relation

BASE = "https://lms.example/api/results?type_id=5"


@pytest.mark.parametrize(
    ("header", "following"),
    [
        ('<https://lms.example/p2>; rel="next"', "https://lms.example/p2"),
        ("<https://lms.example/p2>; rel=next", "https://lms.example/p2"),
        ("<https://lms.example/p2>; REL=Next", "https://lms.example/p2"),
        ("<https://lms.example/p2>; rel='next'", "https://lms.example/p2"),
        ("<https://lms.example/p2?a=1&amp;b=2>; rel=“next”", "https://lms.example/p2?a=1&b=2"),
        ("<https://lms.example/p2>; rel=“next”".encode().decode("latin-1"), "https://lms.example/p2"),
        ('<https://lms.example/P2?bookmark=WyJBIl0>; rel="next"', "https://lms.example/P2?bookmark=WyJBIl0"),
        ('<https://lms.example/p1>; rel="first prev", </p3>; rel="last next"', "https://lms.example/p3"),
        ('<p2>; title="a, b"; type="x"; rel="next"', "https://lms.example/api/p2"),
        ('<?page=2>;rel="next"', "https://lms.example/api/results?page=2"),
        ('<https://lms.example/p1>; rel="current",<https://lms.example/p2>; rel="next"', "https://lms.example/p2"),
        ('<https://lms.example/p1>; rel="prev"', None),
        ('<https://lms.example/p1>; title="rel=next"', None),
        ('<https://lms.example/p1>; rel="prev"; rel="next"', None),
        ('<>; rel="next"', None),
        ("https://lms.example/p2; rel=next", None),
        ("", None),
    ],
)
def test_the_next_page_is_found_however_it_is_written(header: str, following: str | None) -> None:
    assert relation([header], BASE) == following


def test_several_link_headers_are_one_list() -> None:
    assert relation(['<p1>; rel="prev"', '<p2>; rel="next"'], BASE) == "https://lms.example/api/p2"


@given(st.text(max_size=200))
def test_no_header_breaks_the_reader(header: str) -> None:
    with suppress(HttpError):  # and no other error
        Pages(BASE).next([header], BASE)


def test_a_next_page_on_another_server_is_not_read() -> None:
    with pytest.raises(Broken):
        Pages(BASE).next(["<https://other.example/p2>; rel=next"], BASE)
    with pytest.raises(Broken):
        Pages(BASE).next(["<https://lms.example:8443/p2>; rel=next"], BASE)
    with pytest.raises((Broken, Refused)):
        Pages(BASE).next(["<http://lms.example/p2>; rel=next"], BASE)
    with pytest.raises(Refused):
        Pages(BASE).next(["<file:///etc/passwd>; rel=next"], BASE)


def test_pages_that_go_round_in_a_circle_end() -> None:
    pages = Pages(BASE)
    pages.next(["</p2>; rel=next"], BASE)
    with pytest.raises(Broken):
        pages.next([f"<{BASE}>; rel=next"], "https://lms.example/p2")


def test_pages_without_end_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 5)
    pages = Pages(BASE)
    for number in range(4):
        pages.next([f"</p{number}>; rel=next"], BASE)
    with pytest.raises(Broken):
        pages.next(["</p4>; rel=next"], BASE)


def test_an_address_keeps_what_its_query_holds() -> None:
    assert with_query(BASE, user_id="a b&c", limit=None) == BASE + "&user_id=a%20b%26c"
    assert below("https://lms.example/li/1?type_id=5", "results") == "https://lms.example/li/1/results?type_id=5"


NAMES = st.text("abcXYZ019-._~%=", min_size=1, max_size=30)
QUOTES = st.sampled_from([('"', '"'), ("", ""), ("'", "'"), ("“", "”")])


@given(
    st.lists(NAMES, min_size=1, max_size=6, unique=True),
    QUOTES,
    st.sampled_from(["rel", "Rel", "REL"]),
    st.sampled_from(["", '; title="a, b <c>"', "; type=x"]),
    st.booleans(),
)
def test_every_page_is_walked_once_and_in_order_however_links_are_written(
    names: list[str], quotes: tuple[str, str], rel: str, before: str, mangled: bool
) -> None:
    addresses = [f"https://lms.example/api/results?mark={name}&n={place}" for place, name in enumerate(names)]
    pages, walked = Pages(addresses[0]), [addresses[0]]
    for following in [*addresses[1:], None]:
        header = f'<{addresses[0]}>; rel="first"'
        if following:
            written = following.replace("&", "&amp;") if quotes[0] == "“" else following
            header += f", <{written}>{before}; {rel}={quotes[0]}next{quotes[1]}"
        if mangled:
            header = header.encode().decode("latin-1")
        found = pages.next([header], walked[-1])
        assert found == following
        if found:
            walked.append(found)
    assert walked == addresses
