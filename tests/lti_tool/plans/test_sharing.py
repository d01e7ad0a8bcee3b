"""What is shared: item by item, with an end (T11, T12), for home or not (T28, T30), and who can see it (T6)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Audience, Item, Level, NeedChange, Role, Scope, Sensitivity, Voice
from lti_tool.plans.exceptions import Ended, Invalid, NotFound, Refused
from lti_tool.plans.models import Contribution, LogEntry, PortfolioItem, School, Share
from tests.factories.plans import Cast, administrator_of, make_cast

pytestmark = [pytest.mark.django_db]

SECRET, PUBLIC, AT_SCHOOL = "Only for me", "For everybody", "For school"


@dataclass
class Stage:
    """A plan with items of each kind, and everybody who might read them."""

    cast: Cast
    people: dict[str, Actor]
    items: dict[str, Item]

    def actor(self, who: str) -> Actor:
        return self.people[who]


def make_stage() -> Stage:
    cast = make_cast()
    maths, student, teacher = cast.maths, cast.student, cast.teacher
    school_id, office = maths.school_id, administrator_of(maths)
    people = cast.everybody() | {"office": office}
    for who, role, scope in (
        ("key worker", Role.KEY_WORKER, Scope(student_id=student.person_id)),
        ("subject teacher", Role.SUBJECT_TEACHER, Scope(course_id=maths.course_id)),
        ("head", Role.LEADERSHIP, Scope()),
        ("other key worker", Role.KEY_WORKER, Scope(student_id=cast.classmate.person_id)),
    ):
        person_id = api.ensure_person(school_id, name=who)
        api.appoint(office, person_id, role, scope)
        people[who] = api.actor_for(school_id, person_id, None)
    for who in ("mother", "father"):
        person_id = api.ensure_person(school_id, name=who)
        api.link_guardian(office, person_id, student.person_id)
        people[who] = api.actor_for(school_id, person_id, None)
    items = {"target": Item("target", cast.target_id)}
    for text, audience in ((AT_SCHOOL, Audience.NOT_FOR_HOME), (PUBLIC, Audience.SHARED)):
        api.contribute(student, text=text, audience=audience)
        review_id = api.start_review(teacher, student.person_id)
        api.judge_target(teacher, review_id, cast.target_id, level=Level.EXPECTED, comment="", version=0)
        api.close_review(teacher, review_id, version=api.review(teacher, review_id).version)
        items[f"review {text}"] = Item("review", review_id)
        items[f"words {text}"] = Item("words", Contribution.objects.of(school_id).get(review=review_id).id)
    items["open review"] = Item("review", api.start_review(teacher, student.person_id))
    for audience in Audience:
        own = {"school_id": school_id, "owner_id": student.person_id, "audience": audience}
        entry = LogEntry.objects.create(**own, answers={"what": "I tried"})
        piece = PortfolioItem.objects.create(
            **own, kind="work", title="A poem", added_by_id=student.person_id, voice="learner"
        )
        items[f"log {audience}"], items[f"item {audience}"] = Item("log", entry.id), Item("item", piece.id)
    return Stage(cast, people, items)


def share(stage: Stage, recipient: str = "other_teacher", item: str = "target", days: int = 7) -> UUID:
    ends_on = timezone.localdate() + timedelta(days=days)
    recipient_id = stage.actor(recipient).person_id
    return api.share(
        stage.cast.student, recipient_id, [stage.items[item]], purpose="To help me with reading", ends_on=ends_on
    )


def readers(stage: Stage, item: Item) -> set[str]:
    found = set()
    for who, actor in stage.people.items():
        try:
            api.see(actor, item)
        except NotFound:
            continue
        found.add(who)
    return found


@pytest.mark.trust("T6", "T1")
def test_the_list_of_who_can_see_an_item_is_the_set_of_those_who_can() -> None:
    stage = make_stage()
    names = {actor.person_id: who for who, actor in stage.people.items()}
    share(stage, item="log private")
    share(stage, item="words " + AT_SCHOOL)
    for name, item in stage.items.items():
        asked_by = stage.cast.student if name != "open review" else stage.cast.teacher
        told = {names[reader.person.id] for reader in api.who_can_see(asked_by, item)}
        assert told == readers(stage, item), name


@pytest.mark.trust("T6", "T1", "T4")
def test_the_same_holds_of_sheets_and_of_what_is_known_about_the_student() -> None:
    stage = make_stage()
    names = {actor.person_id: who for who, actor in stage.people.items()}
    cast, key_worker = stage.cast, stage.actor("key worker")
    about = cast.student.person_id
    told = NeedChange("about_me", "strengths", "A quiet room", Voice.SCHOOL)
    items = {
        "sheet": Item("sheet", api.send_sheet(cast.teacher, about, "family_planning")),
        "personal": Item("need", api.say_need(cast.teacher, about, told).id),
    }
    for guarded in (Sensitivity.SENSITIVE, Sensitivity.RESTRICTED):
        statement = api.say_need(key_worker, about, replace(told, text=guarded.value, sensitivity=guarded))
        items[guarded] = Item("need", statement.id)
    for name, item in items.items():
        read = {names[reader.person.id] for reader in api.who_can_see(key_worker, item)}
        assert read == readers(stage, item), name
        assert "key worker" in read
    assert "student" not in readers(stage, items["sheet"])
    assert {"mother", "father"} <= readers(stage, items["sheet"])
    assert readers(stage, items[Sensitivity.RESTRICTED]) == {"key worker"}
    with pytest.raises(NotFound):
        api.share(
            cast.student, cast.other_teacher.person_id, [items["personal"]], purpose="Art",
            ends_on=timezone.localdate() + timedelta(days=7),
        )  # fmt: skip


@pytest.mark.trust("T5", "T28", "T30")
def test_home_reads_what_is_agreed_and_what_the_learner_opened_and_nothing_else() -> None:
    stage = make_stage()
    page = api.at_home(stage.actor("mother"), stage.cast.student.person_id)
    told = {piece.item for piece in (*page.targets, *page.reviews, *page.words, *page.work)}
    for_home = {"target", f"review {AT_SCHOOL}", f"review {PUBLIC}", f"words {PUBLIC}", "log shared", "item shared"}
    assert told == {stage.items[name] for name in for_home}
    for name, item in stage.items.items():
        assert ({"mother", "father"} <= readers(stage, item)) == (name in for_home), name
    assert readers(stage, stage.items["log private"]) == {"student"}


@pytest.mark.trust("T28")
def test_guardians_never_learn_of_each_other() -> None:
    stage = make_stage()
    mother, father = stage.actor("mother"), stage.actor("father")
    for item in stage.items.values():
        if "mother" in readers(stage, item):
            told = {reader.person.id for reader in api.who_can_see(mother, item)}
            assert mother.person_id in told
            assert father.person_id not in told
    assert "father" not in repr(api.at_home(mother, stage.cast.student.person_id))
    for call in (api.guardians, api.appointments, api.my_students):
        with pytest.raises(NotFound):
            call(mother)


@pytest.mark.trust("T30")
def test_words_not_for_home_go_there_only_when_staff_say_why_and_the_trail_has_it() -> None:
    stage = make_stage()
    item = stage.items[f"words {AT_SCHOOL}"]
    with pytest.raises(NotFound):
        api.see(stage.actor("mother"), item)
    for who in ("student", "assistant", "head", "other_teacher", "mother", "office", "classmate"):
        with pytest.raises(NotFound):
            api.send_home(stage.actor(who), item.id, reason="I say so")
    with pytest.raises(Invalid):
        api.send_home(stage.cast.teacher, item.id, reason=" ")
    api.send_home(stage.cast.teacher, item.id, reason="Agreed with Ana on the telephone")
    assert api.see(stage.actor("mother"), item).lines
    events = api.audit_trail(stage.cast.teacher, stage.cast.student.person_id)
    assert "words.sent_home" in {event.verb for event in events}
    assert "telephone" not in repr(events)


@pytest.mark.trust("T11")
def test_a_share_opens_exactly_its_items_to_exactly_one_person() -> None:
    stage = make_stage()
    before = {name: readers(stage, item) for name, item in stage.items.items()}
    assert not any("other_teacher" in who for who in before.values())
    share_id = share(stage, item="log private")
    for name, item in stage.items.items():
        added = {"other_teacher"} if name == "log private" else set()
        assert readers(stage, item) == before[name] | added, name
    view = api.shared(stage.actor("other_teacher"), share_id)
    assert view == replace(api.shared(stage.cast.student, share_id))
    assert view.pieces == api.preview(stage.cast.student, [stage.items["log private"]])
    assert [other.id for other in api.shared_with_me(stage.actor("other_teacher"))] == [share_id]
    for who, actor in stage.people.items():
        if who not in {"other_teacher", "student"}:
            with pytest.raises(NotFound):
                api.shared(actor, share_id)


@pytest.mark.trust("T11")
def test_a_share_needs_items_a_purpose_and_an_end_and_they_must_be_ones_own() -> None:
    stage = make_stage()
    me, today = stage.cast.student, timezone.localdate()
    them, item = stage.actor("other_teacher").person_id, stage.items["target"]
    good = {"purpose": "To help me", "ends_on": today}
    for field, changes, items in (
        ("purpose", {"purpose": " "}, [item]),
        ("purpose", {"purpose": "x" * 301}, [item]),
        ("ends_on", {"ends_on": None}, [item]),
        ("ends_on", {"ends_on": today - timedelta(days=1)}, [item]),
        ("ends_on", {"ends_on": today + timedelta(days=91)}, [item]),
        ("items", {}, []),
        ("items", {}, [Item("target", uuid4()) for _ in range(51)]),
    ):
        with pytest.raises(Invalid) as refused:
            api.share(me, them, items, **{**good, **changes})
        assert set(refused.value.errors) == {field}
    for wrong in (stage.items["open review"], Item("target", uuid4()), Item("secrets", item.id)):
        with pytest.raises(NotFound):
            api.share(me, them, [wrong], **good)
    for nobody in ("classmate", "parent", "stranger", "outsider", "left_teacher", "student", "office"):
        with pytest.raises(NotFound):
            api.share(me, stage.actor(nobody).person_id, [item], **good)
    for other in ("classmate", "teacher", "key worker", "mother", "office"):
        with pytest.raises(NotFound):
            api.share(stage.actor(other), them, [item], **good)
    School.objects.update(learners_share=False)
    with pytest.raises(Refused):
        api.share(me, them, [item], **good)
    assert not Share.objects.of(me.school_id).exists()


@pytest.mark.trust("T12")
def test_an_ended_or_outlived_share_opens_nothing_on_the_next_request() -> None:
    stage = make_stage()
    item, them = stage.items["log private"], stage.actor("other_teacher")
    ended, outlived = share(stage, item="log private"), share(stage, item="log private")
    Share.objects.of(them.school_id).filter(pk=outlived).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert api.see(them, item)
    for who in ("classmate", "teacher", "other_teacher", "mother"):
        with pytest.raises(NotFound):
            api.end_share(stage.actor(who), ended)
    api.end_share(stage.cast.student, ended)
    for share_id in (ended, outlived):
        with pytest.raises(Ended):
            api.shared(them, share_id)
    with pytest.raises(NotFound):
        api.see(them, item)
    assert api.shared_with_me(them) == ()
    assert [view.ended_at is not None for view in api.my_shares(stage.cast.student)].count(True) == 1


@pytest.mark.trust("T12", "T3")
def test_a_share_ends_with_its_recipients_place_in_the_school() -> None:
    stage = make_stage()
    them = stage.actor("other_teacher")
    share(stage, item="log private")
    api.set_enrolment(them.school_id, them.course_id, them.person_id, Role.NONE)
    with pytest.raises(NotFound):
        api.see(them, stage.items["log private"])


@pytest.mark.requirement("002.34")
def test_a_learner_ends_an_outside_providers_access_unless_the_school_says_otherwise() -> None:
    stage = make_stage()
    person_id = api.ensure_person(stage.cast.maths.school_id)
    appointment_id = api.appoint(
        stage.actor("office"), person_id, Role.PROVIDER, Scope(student_id=stage.cast.student.person_id),
        ends_on=timezone.localdate(),
    )  # fmt: skip
    provider = api.actor_for(stage.cast.maths.school_id, person_id, None)
    assert api.see(provider, stage.items["target"])
    School.objects.update(learners_end_providers=False)
    with pytest.raises(Refused):
        api.end_provider(stage.cast.student, appointment_id)
    School.objects.update(learners_end_providers=True)
    with pytest.raises(NotFound):
        api.end_provider(stage.cast.classmate, appointment_id)
    api.end_provider(stage.cast.student, appointment_id)
    with pytest.raises(NotFound):
        api.see(provider, stage.items["target"])
