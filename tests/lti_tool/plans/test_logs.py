"""The learner's own log: theirs alone until shared, in blocks of weeks, in words, symbols, pictures and voice."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.plans import api
from lti_tool.plans.data import Audience, ItemChange, LogChange, NewFile
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound
from lti_tool.plans.logs import block_of
from lti_tool.plans.media.checking import MediaKind
from tests.factories.plans import Cast, make_cast
from tests.lti_tool.media import makes

pytestmark = [pytest.mark.django_db]
WORDS = LogChange(answers={"text": "I explained it to Ben"})


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.mark.database
@pytest.mark.trust("T5")
def test_an_entry_is_its_writers_alone_until_they_let_others_read_it(cast: Cast) -> None:
    entry = api.write_log(cast.student, WORDS)
    assert entry.audience is Audience.PRIVATE
    for name, who in cast.everybody().items():
        if name != "student":
            with pytest.raises(NotFound):
                api.log_entry(who, entry.id)
    assert api.log(cast.teacher, cast.student.person_id).blocks == ()
    api.change_log(cast.student, entry.id, replace(WORDS, audience=Audience.NOT_FOR_HOME), version=1)
    readers = {name for name, who in cast.everybody().items() if name != "student" and _reads(cast, name)}
    assert readers == {"teacher", "assistant"}


def _reads(cast: Cast, name: str) -> bool:
    try:
        return bool(api.log(cast.everybody()[name], cast.student.person_id).blocks)
    except NotFound:
        return False


@pytest.mark.database
def test_nobody_writes_in_anothers_log(cast: Cast) -> None:
    entry = api.write_log(cast.student, replace(WORDS, audience=Audience.SHARED))
    for name, who in cast.everybody().items():
        if name not in ("student", "classmate"):
            with pytest.raises(NotFound):
                api.write_log(who, WORDS)
        if name != "student":
            with pytest.raises(NotFound):
                api.change_log(who, entry.id, WORDS, version=1)
            with pytest.raises(NotFound):
                api.delete_log(who, entry.id)


@pytest.mark.database
@pytest.mark.requirement("002.29")
def test_entries_stand_in_blocks_of_six_weeks_and_the_running_block_is_there_also_empty(cast: Cast) -> None:
    with time_machine.travel("2026-09-02T10:00:00Z", tick=False):
        api.write_log(cast.student, WORDS)
    with time_machine.travel("2026-10-20T10:00:00Z", tick=False):
        api.write_log(cast.student, WORDS)
        api.write_log(cast.student, WORDS)
    with time_machine.travel("2026-12-15T10:00:00Z", tick=False):
        page = api.log(cast.student, cast.student.person_id)
    assert page.weeks == 6
    assert [len(block.entries) for block in page.blocks] == [0, 2, 1]
    assert [block.current for block in page.blocks] == [True, False, False]
    assert all(block.last_day - block.first_day == timedelta(days=41) for block in page.blocks)


@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(1, 12), st.integers(1, 12))
def test_every_day_is_in_one_block_and_the_next_day_in_the_same_or_the_next(
    day: date, weeks: int, month: int
) -> None:
    number, first, last = block_of(day, weeks, month)
    assert first <= day <= last
    assert number >= 1
    after = block_of(day + timedelta(days=1), weeks, month)
    assert after == (number, first, last) or after[1] <= last + timedelta(days=1)


@pytest.mark.database
@pytest.mark.trust("T27")
def test_a_symbol_a_photo_or_a_voice_is_an_entry_without_a_word(cast: Cast) -> None:
    api.write_log(cast.student, LogChange(answers={}, feeling="hard"))
    spoken = api.write_log(cast.student, LogChange(answers={}), [NewFile(makes.recording())])
    seen = api.write_log(cast.student, LogChange(answers={}), [NewFile(makes.picture("PNG"))])
    assert [spoken.files[0].kind, seen.files[0].kind] == [MediaKind.SOUND, MediaKind.PICTURE]
    with pytest.raises(Invalid) as invalid:
        api.write_log(cast.student, LogChange(answers={"text": "  "}))
    assert invalid.value.errors == {"text": "required"}


@pytest.mark.database
@pytest.mark.requirement("002.6")
def test_an_entry_written_from_inside_an_activity_says_which(cast: Cast) -> None:
    activity_id = cast.maths.activities["fractions"]
    entry = api.write_log(cast.student, replace(WORDS, activity_id=activity_id))
    assert entry.activity == "fractions"
    elsewhere = make_cast().maths.activities["fractions"]
    with pytest.raises(Invalid):
        api.write_log(cast.student, replace(WORDS, activity_id=elsewhere))


@pytest.mark.database
def test_two_tabs_lose_nothing(cast: Cast) -> None:
    entry = api.write_log(cast.student, WORDS)
    api.change_log(cast.student, entry.id, replace(WORDS, answers={"text": "One"}), version=1)
    with pytest.raises(Conflict) as conflict:
        api.change_log(cast.student, entry.id, replace(WORDS, answers={"text": "Two"}), version=1)
    assert conflict.value.current.answers == {"text": "One"}


@pytest.mark.database
@pytest.mark.trust("T83")
def test_what_is_typed_is_kept_before_it_is_saved_and_only_by_whose_log_it_is(cast: Cast) -> None:
    api.save_draft(cast.student, "log:new", "answer_text", "Half a sent")
    assert api.log(cast.student, cast.student.person_id).drafts == {"answer_text": "Half a sent"}
    for who in (cast.teacher, cast.parent, cast.nobody):
        with pytest.raises(NotFound):
            api.save_draft(who, "log:new", "answer_text", "Not mine")


@pytest.mark.database
@pytest.mark.trust("T41")
def test_a_reported_entry_is_hidden_at_once(cast: Cast) -> None:
    entry = api.write_log(cast.student, replace(WORDS, audience=Audience.SHARED))
    api.report_log(cast.assistant, entry.id)
    with pytest.raises(NotFound):
        api.log_entry(cast.assistant, entry.id)
    assert api.log_entry(cast.teacher, entry.id).hidden
    api.settle_report(cast.teacher, entry.id, keep=True)
    assert not api.log_entry(cast.assistant, entry.id).hidden


@pytest.mark.requirement("002.6")
def test_a_learner_chooses_among_the_activities_of_the_course_they_came_from(cast: Cast) -> None:
    offered = api.log(cast.student, cast.student.person_id).activities
    assert [one.label for one in offered] == ["essay", "fractions", "market stall"]
    assert api.log(cast.teacher, cast.student.person_id).activities == ()


@pytest.mark.trust("T83")
def test_an_entry_sent_again_as_its_answer_got_lost_is_one_entry_with_the_newest_words(cast: Cast) -> None:
    once, photo = uuid4(), NewFile(makes.picture())
    first = api.write_log(cast.student, LogChange({"text": "I built"}), [photo], once=once)
    again = api.write_log(cast.student, LogChange({"text": "I built a bridge"}), [photo], once=once)
    assert again.id == first.id
    (block,) = api.log(cast.student, cast.student.person_id).blocks
    assert [(one.answers, len(one.files)) for one in block.entries] == [({"text": "I built a bridge"}, 1)]
    other = api.write_log(cast.classmate, LogChange({"text": "Mine"}), once=once)  # a name is one person's
    assert other.id != first.id
    item = api.add_item(cast.student, cast.student.person_id, ItemChange("work", "Bridge"), [photo], once=once)
    sent = api.add_item(cast.student, cast.student.person_id, ItemChange("work", "Bridge"), [photo], once=once)
    assert (sent.id, len(sent.files)) == (item.id, 1)


@pytest.mark.trust("T50", "T83")
def test_what_was_typed_over_an_entry_and_not_saved_goes_with_it(cast: Cast) -> None:
    entry = api.write_log(cast.student, LogChange({"text": "I built"}))
    api.save_draft(cast.student, f"log:{entry.id}", "answer_text", "I built a secret")
    api.delete_log(cast.student, entry.id)
    assert api.drafts(cast.student, f"log:{entry.id}") == {}
