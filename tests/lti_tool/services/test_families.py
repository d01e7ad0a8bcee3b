"""Each LMS is known by what it calls itself, and each class changes only what was seen to differ."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.http import Broken
from lti_tool.lti.services import ags, columns, families
from lti_tool.lti.services.columns import ColumnChange
from lti_tool.lti.services.families import Family, family_of
from lti_tool.lti.services.rows import ListPage


@pytest.mark.parametrize(
    ("told", "family"),
    [
        ("moodle", families.Moodle),
        ("Moodle", families.Moodle),
        ("canvas", families.Canvas),
        ("BlackboardLearn", families.Blackboard),
        ("Blackboard Learn", families.Blackboard),
        ("desire2learn", families.Brightspace),
        ("Brightspace", families.Brightspace),
        ("sakai", families.Sakai),
        ("sakailms.org", families.Sakai),
        ("schoology", families.Schoology),
        ("Open edX", families.OpenEdxConsumer),
        ("edX", families.OpenEdxConsumer),
        ("ilp-xblock", families.OurXBlock),
        ("", families.Unknown),
        ("Ilias", families.Unknown),
    ],
)
def test_an_lms_is_known_by_the_name_it_tells(told: str, family: Family) -> None:
    assert family_of(told) is family


def test_open_edx_s_consumer_tells_no_name_and_is_known_by_its_addresses() -> None:
    address = "https://lms.example/api/lti_consumer/v1/lti/3/lti-ags"
    assert family_of("", "", address) is families.OpenEdxConsumer
    assert family_of("moodle", address) is families.Moodle


def test_every_lms_says_why_it_differs() -> None:
    for family in families.Unknown.__subclasses__():
        assert len(family.__doc__ or "") > 40, family.__name__


@pytest.mark.trust("T55")
def test_where_a_mark_cannot_be_taken_back_the_family_says_so() -> None:
    by_hand = {family for family in families.Unknown.__subclasses__() if not family.takes_back}
    assert by_hand == {families.OpenEdxConsumer, families.OurXBlock}


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_any_name_ends_in_some_family(told: str, addresses: list[str]) -> None:
    assert issubclass(family_of(told, *addresses), families.Unknown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "label", "scoreMaximum", "resourceId", "userId", "resultScore", "tag"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_for_a_list_of_columns_or_results_is_read_row_by_row_or_broken(value: Any) -> None:
    body = json.dumps(value).encode()
    for page in (ListPage(ags.LINE_ITEMS, ags.LINE_ITEM), ListPage(ags.RESULTS, ags.RESULT)):
        try:
            rows = page.rows(body)
        except Broken:
            assert not isinstance(value, list) or "NaN" in body.decode() or "Infinity" in body.decode()
            continue
        assert len(rows) + page.refused == len(value)


@given(JSON)
def test_any_json_for_one_column_is_a_column_or_broken(value: Any) -> None:
    try:
        whole = columns._whole(json.dumps(value).encode())
    except Broken:
        return
    assert isinstance(whole["scoreMaximum"], int | float | str)
    assert whole["id"]


@given(st.text(min_size=1, max_size=400), st.floats(min_value=0.01, max_value=1e6), st.text(min_size=1, max_size=255))
def test_what_a_family_takes_fits_it(label: str, maximum: float, tag: str) -> None:
    for family in [families.Unknown, *families.Unknown.__subclasses__()]:
        change = ColumnChange(label=label, score_maximum=maximum, tag=tag)
        if family is families.OpenEdxConsumer and (len(tag) > 50 or not maximum.is_integer()):
            with pytest.raises(columns.Unfit):
                change.to_wire(family)
            continue
        sent = change.to_wire(family)
        assert len(sent["label"]) <= family.label_length
        assert len(sent["tag"]) <= family.tag_length
