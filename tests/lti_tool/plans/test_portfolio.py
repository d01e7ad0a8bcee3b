"""The portfolio: seven kinds and home evidence, one item for many targets, files behind the permission check."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Actor, Audience, ItemChange, NewFile, Voice
from lti_tool.plans.exceptions import Conflict, Invalid, NotFound, Refused
from lti_tool.plans.frameworks.keeping import ensure_framework_version
from lti_tool.plans.models import Plan, PortfolioItem
from tests.factories.plans import Cast, make_cast
from tests.lti_tool.media import makes

pytestmark = [pytest.mark.django_db]
PHOTO = NewFile(makes.picture(), words="A tower of blocks")
SHARED = ItemChange(kind="", title="My tower", about="I built it", audience=Audience.SHARED)


@dataclass(frozen=True)
class Scene:
    cast: Cast
    kind: str

    @property
    def student_id(self) -> UUID:
        return self.cast.student.person_id

    def change(self, **changes: object) -> ItemChange:
        return replace(SHARED, **{"kind": self.kind, **changes})

    def add(self, who: Actor | None = None, *files: NewFile, **changes: object) -> UUID:
        return api.add_item(who or self.cast.student, self.student_id, self.change(**changes), files).id

    def sees(self, who: Actor) -> set[UUID]:
        try:
            return {item.id for item in api.portfolio(who, self.student_id).items}
        except NotFound:
            return set()


@pytest.fixture
def scene() -> Scene:
    cast = make_cast()
    return Scene(cast, api.portfolio(cast.student, cast.student.person_id).kinds[0].key)


@pytest.fixture
def mother(scene: Scene) -> Actor:
    link = api.link_guardian
    person_id = api.ensure_person(scene.cast.maths.school_id, name="Mere")
    return _guardian(scene, person_id, link)


def _guardian(scene: Scene, person_id: UUID, link: Callable) -> Actor:
    from tests.factories.plans import administrator_of

    link(administrator_of(scene.cast.maths), person_id, scene.student_id)
    return api.actor_for(scene.cast.maths.school_id, person_id, None)


@pytest.mark.database
@pytest.mark.trust("T5")
def test_what_a_learner_adds_is_theirs_alone_until_they_share_it(scene: Scene, mother: Actor) -> None:
    cast = scene.cast
    item = scene.add(audience=Audience.PRIVATE)
    everybody = [*(who for name, who in cast.everybody().items() if name != "student"), mother]
    assert [who for who in everybody if item in scene.sees(who)] == []
    for who in everybody:
        with pytest.raises(NotFound):
            api.item(who, item)
    api.change_item(cast.student, item, scene.change(audience=Audience.NOT_FOR_HOME), version=1)
    assert item in scene.sees(cast.teacher)
    assert item not in scene.sees(mother)
    api.change_item(cast.student, item, scene.change(audience=Audience.SHARED), version=2)
    assert item in scene.sees(mother)
    for who in (
        cast.classmate,
        cast.other_teacher,
        cast.left_teacher,
        cast.stranger,
        cast.administrator,
        cast.nobody,
    ):
        assert item not in scene.sees(who)


@pytest.mark.database
@pytest.mark.trust("T5")
def test_what_was_opened_closes_again_when_the_term_ends(scene: Scene) -> None:
    item = scene.add()
    assert item in scene.sees(scene.cast.teacher)
    PortfolioItem.objects.of(scene.cast.maths.school_id).update(private_again_on=timezone.localdate())
    assert item not in scene.sees(scene.cast.teacher)
    assert item in scene.sees(scene.cast.student)


@pytest.mark.database
@pytest.mark.requirement("001.10")
def test_every_kind_can_be_added_and_one_item_serves_many_targets_and_contexts(scene: Scene) -> None:
    cast = scene.cast
    began_with = ensure_framework_version(cast.maths.school_id, "alfreton_park")
    Plan.objects.of(cast.maths.school_id).update(framework=began_with)
    page = api.portfolio(cast.student, scene.student_id)
    assert len(page.kinds) == 7
    assert len([kind for kind in page.kinds if kind.from_home]) == 1
    second = cast.maths.target(cast.teacher, cast.student, "Ask for help")
    places = tuple(place.key for place in page.contexts[:2])
    for kind in page.kinds:
        scene.add(kind=kind.key, target_ids=(cast.target_id, second), contexts=places)
    found = api.items_for(cast.teacher, [cast.target_id, second])
    assert len(found[cast.target_id]) == len(found[second]) == len(page.kinds)
    assert all(item.contexts == places for item in found[second])


@pytest.mark.database
def test_teachers_add_what_they_saw_and_the_student_sees_it_at_once(scene: Scene) -> None:
    item = scene.add(scene.cast.teacher, audience=Audience.PRIVATE)
    shown = api.item(scene.cast.student, item)
    assert (shown.voice, shown.mine, shown.audience) == (Voice.SCHOOL, False, Audience.NOT_FOR_HOME)
    with pytest.raises(NotFound):
        api.delete_item(scene.cast.student, item)


@pytest.mark.database
def test_a_family_sends_evidence_from_home_in_its_own_voice(scene: Scene, mother: Actor) -> None:
    page = api.portfolio(mother, scene.student_id)
    assert page.kinds
    assert all(kind.from_home for kind in page.kinds)
    item = scene.add(mother, kind=page.kinds[0].key)
    assert api.item(scene.cast.teacher, item).voice is Voice.FAMILY
    others = {kind.key for kind in api.portfolio(scene.cast.student, scene.student_id).kinds if not kind.from_home}
    with pytest.raises(Invalid) as invalid:
        scene.add(mother, kind=others.pop())
    assert invalid.value.errors == {"kind": "unknown"}


@pytest.mark.database
@pytest.mark.trust("T68")
def test_a_file_opens_for_whoever_may_see_its_item_and_for_nobody_else(scene: Scene, mother: Actor) -> None:
    cast = scene.cast
    item = scene.add(None, PHOTO, audience=Audience.NOT_FOR_HOME)
    (photo,) = api.item(cast.student, item).files
    assert photo.words == "A tower of blocks"
    for who in (cast.student, cast.teacher, cast.assistant):
        assert api.file(who, photo.id).media_type == "image/jpeg"
    for who in (
        cast.classmate, cast.other_teacher, cast.left_teacher, cast.stranger, cast.administrator,
        cast.nobody, cast.outsider, cast.parent, mother,
    ):  # fmt: skip
        with pytest.raises(NotFound):
            api.file(who, photo.id)


@pytest.mark.database
@pytest.mark.trust("T16")
def test_what_shows_others_stays_with_the_class_until_staff_looked(scene: Scene, mother: Actor) -> None:
    cast = scene.cast
    item = scene.add(None, replace(PHOTO, shows_others=True))
    (photo,) = api.item(cast.teacher, item).files
    assert api.item(mother, item).files == ()
    with pytest.raises(NotFound):
        api.file(mother, photo.id)
    for who in (cast.assistant, mother, cast.student):
        with pytest.raises(NotFound):
            api.check_others(who, photo.id)
    api.check_others(cast.teacher, photo.id)
    assert api.file(mother, photo.id).data


@pytest.mark.trust("T16")
@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_file_is_gone_at_once_with_its_bytes(scene: Scene) -> None:
    item = scene.add(None, PHOTO)
    (photo,) = api.item(scene.cast.student, item).files
    with pytest.raises(NotFound):
        api.withdraw_file(scene.cast.teacher, photo.id)
    before = set(storages["files"].listdir("")[1])
    api.withdraw_file(scene.cast.student, photo.id)
    assert api.item(scene.cast.student, item).files == ()
    with pytest.raises(NotFound):
        api.file(scene.cast.student, photo.id)
    assert len(before - set(storages["files"].listdir("")[1])) == 1


@pytest.mark.trust("T50")
@pytest.mark.django_db(transaction=True)
def test_what_is_mine_i_delete_now_with_its_files(scene: Scene) -> None:
    stored = set(storages["files"].listdir("")[1])
    item = scene.add(None, PHOTO, NewFile(makes.recording(), "What I said"))
    assert len(set(storages["files"].listdir("")[1]) - stored) == 2
    api.delete_item(scene.cast.student, item)
    assert scene.sees(scene.cast.student) == set()
    assert set(storages["files"].listdir("")[1]) == stored


@pytest.mark.trust("T66")
@pytest.mark.parametrize(
    ("data", "code"),
    [(b"<svg onload='x'>", "unknown"), (b"", "empty"), (makes.paper(password="x"), "locked")],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(scene: Scene, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        scene.add(None, PHOTO, NewFile(data))
    assert invalid.value.errors == {"files": code}
    assert scene.sees(scene.cast.student) == set()


@pytest.mark.trust("T66")
def test_each_learner_has_so_much_room(scene: Scene, settings) -> None:
    settings.ILP_FILES_EACH_LEARNER = 10
    with pytest.raises(Invalid) as invalid:
        scene.add(None, PHOTO)
    assert invalid.value.errors == {"files": "full"}


@pytest.mark.database
@pytest.mark.trust("T41")
def test_a_reported_item_is_out_of_sight_until_a_second_adult_has_looked(scene: Scene, mother: Actor) -> None:
    cast = scene.cast
    item = scene.add()
    api.report_item(mother, item)
    api.report_item(cast.student, item)
    assert item not in scene.sees(mother)
    assert item not in scene.sees(cast.assistant)
    assert api.item(cast.student, item).hidden
    with pytest.raises(NotFound):
        api.settle_report(cast.assistant, item, keep=True)
    api.settle_report(cast.teacher, item, keep=True)
    assert item in scene.sees(mother)
    api.report_item(cast.teacher, item)
    with pytest.raises(Refused, match="second_adult"):
        api.settle_report(cast.teacher, item, keep=False)
    api.settle_report(cast.maths.teacher(), item, keep=False)
    assert scene.sees(cast.student) == set()


@pytest.mark.database
def test_two_tabs_lose_nothing(scene: Scene) -> None:
    item = scene.add()
    api.change_item(scene.cast.student, item, scene.change(title="The first"), version=1)
    with pytest.raises(Conflict) as conflict:
        api.change_item(scene.cast.student, item, scene.change(title="The second"), version=1)
    assert (conflict.value.current.title, conflict.value.mine.title) == ("The first", "The second")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"title": " "}, {"title": "required"}),
        ({"title": "x" * 201}, {"title": "too_long"}),
        ({"kind": "made up"}, {"kind": "unknown"}),
        ({"contexts": ("the moon",)}, {"contexts": "unknown"}),
        ({"target_ids": (uuid4(),)}, {"targets": "unknown"}),
        ({"made_on": timezone.localdate() + timedelta(days=2)}, {"made_on": "future"}),
    ],
)
def test_what_makes_no_sense_is_said_by_field(scene: Scene, changes: dict, errors: dict) -> None:
    with pytest.raises(Invalid) as invalid:
        scene.add(**changes)
    assert invalid.value.errors == errors


@pytest.mark.database
def test_another_students_target_cannot_be_named(scene: Scene) -> None:
    theirs = scene.cast.maths.target(scene.cast.teacher, scene.cast.classmate, "Another")
    with pytest.raises(Invalid):
        scene.add(target_ids=(theirs,))


@pytest.mark.database
@pytest.mark.trust("T43")
def test_others_reading_leaves_an_event_and_ones_own_does_not(scene: Scene) -> None:
    cast = scene.cast
    item = scene.add(None, PHOTO)
    (photo,) = api.item(cast.student, item).files
    api.file(cast.student, photo.id)
    before = [event.verb for event in api.audit_trail(cast.teacher, scene.student_id)]
    assert not [verb for verb in before if verb.endswith(".read") and verb.startswith(("portfolio", "item", "file"))]
    api.portfolio(cast.teacher, scene.student_id)
    api.file(cast.teacher, photo.id)
    after = {event.verb for event in api.audit_trail(cast.teacher, scene.student_id)}
    assert {"portfolio.read", "file.read"} <= after
