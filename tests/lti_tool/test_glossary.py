"""T91: a school's own words stand in our messages, whole and in good English, and nowhere else."""

import asyncio
import gettext
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeData, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from hypothesis import given
from hypothesis import strategies as some

from lti_tool import glossary
from lti_tool.glossary import Speech
from lti_tool.glossary_words import KEPT, PLACES

pytestmark = pytest.mark.trust("T91")
AOTEAROA = {
    "student": "ākonga", "students": "ākonga", "family": "whānau", "families": "whānau", "teacher": "kaiako",
    "teachers": "kaiako", "key worker": "Learning Advisor", "key workers": "Learning Advisors", "target": "aim",
    "targets": "aims",
}  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("The student, their teachers and their family can see this.",
         "The ākonga, their kaiako and their whānau can see this."),
        ("Student", "Ākonga"),
        ("Learners see their plan, teachers see their class.", "Ākonga see their plan, kaiako see their class."),
        ("A target was judged in a review", "An aim was judged in a review"),
        ("A student’s plan", "An ākonga’s plan"),
        ("students’ own words", "ākonga’s own words"),
        ("Your targets’ end", "Your aims’ end"),
        ("Your key worker", "Your Learning Advisor"),
        ("Family and whānau", "Whānau"),
        ("family, whānau or supervisor", "whānau or supervisor"),
        ("Studentship, preteacher, targeted, target_id", "Studentship, preteacher, targeted, target_id"),
        ('%(target)s <a href="/target">Target</a> {student} &target; %(n)s target',
         '%(target)s <a href="/target">Aim</a> {student} &target; %(n)s aim'),
        ("Student Synopsis of the student", "Student Synopsis of the ākonga"),
    ],
)  # fmt: skip
def test_a_schools_words_stand_in_whole_sentences(ours: str, theirs: str) -> None:
    assert Speech("en", AOTEAROA).say(ours) == theirs


@pytest.mark.parametrize(
    ("said", "with_article"),
    [("aim", "an aim"), ("unit", "a unit"), ("user", "a user"), ("hour", "an hour"), ("LA", "an LA"), ("TA", "a TA"),
     ("ILP", "an ILP"), ("élève", "an élève"), ("ūkaipō", "an ūkaipō"), ("pupil", "a pupil")],
)  # fmt: skip
def test_an_article_follows_what_is_heard(said: str, with_article: str) -> None:
    assert Speech("en", {"target": said}).say("with a target") == f"with {with_article}"


def test_verbs_and_names_that_are_not_ours_stay() -> None:
    speech = Speech("en", {"review": "hui", "plan": "pathway"})
    assert speech.say("Review the plan now") == "Review the pathway now"
    assert speech.say("writes and reviews the plan of the class") == "writes and reviews the pathway of the class"
    assert speech.say("Individual Learning Plan (ILP)") == "Individual Learning Plan (ILP)"
    assert speech.say("a review of the plan") == "a hui of the pathway"


def test_only_the_forms_a_school_gave_change_where_words_change_their_beginnings() -> None:
    welsh = Speech("cy", {"teulu": "aelwyd"})
    assert welsh.say("Y teulu a’r deulu") == "Y aelwyd a’r deulu"
    arabic = Speech("ar", {"الطالب": "المتدرّب"})
    assert arabic.say("الطالب والطالب طالب") == "المتدرّب والطالب طالب"


def test_a_word_with_a_mark_above_its_letters_is_one_word() -> None:
    assert Speech("ar", {"معلّم": "أستاذ"}).say("معلّم معلّمًا معلّ") == "أستاذ معلّمًا معلّ"


def messages(language: str) -> Iterator[str]:
    """Every message of ours in a language."""
    path = Path(settings.LOCALE_PATHS[0]) / ("cy" if language == "en" else language) / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    for asked, said in catalogue.items():
        if asked:
            yield (asked[0] if isinstance(asked, tuple) else asked) if language == "en" else said


HELD = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>|&\w+;|https?://\S+")


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_no_message_loses_a_value_or_a_tag_and_none_of_ours_is_left_where_another_is_given(language: str) -> None:
    speech = Speech(language, {word: f"zq{number}" for number, word in enumerate(PLACES[language])})
    changed = 0
    for message in messages(language):
        said = speech.say(message)
        assert HELD.findall(said) == HELD.findall(message)
        assert said.count("\n") == message.count("\n")
        changed += said != message
        if language == "en":
            left = re.sub(KEPT["en"], "", HELD.sub("", said))
            assert not set(re.findall(r"\w+", left.lower())) & set(speech.instead), said
    assert changed > 200


def test_a_safe_message_stays_safe_and_another_does_not_become_it() -> None:
    speech = Speech("en", AOTEAROA)
    for _again in range(2):
        assert isinstance(speech.say(mark_safe("A student")), SafeData)
        assert not isinstance(speech.say("A student"), SafeData)


@given(some.text(max_size=60))
def test_no_word_that_is_taken_can_bring_markup_or_a_placeholder(text: str) -> None:
    word = glossary.as_typed(text)
    if glossary.is_word(word):
        assert not set(word) & set("<>&\"'%{}`\\\n\r\t")
        assert word == word.strip()
    else:
        assert Speech("en", {"student": word}).say("A student") == "A student"


def test_words_hold_while_a_school_speaks_and_in_its_languages_only() -> None:
    terms = glossary.written({"en": AOTEAROA, "es": {"familia": "whānau"}})
    with glossary.speaking("en", terms):
        assert _("Your family") == "Your whānau"
        assert ngettext("%(n)s target was judged.", "%(n)s targets were judged.", 2) == "%(n)s aims were judged."
        with glossary.speaking("es", terms):
            assert _("Your family") == "Tu whānau"
            with glossary.speaking("en"):
                assert _("Your family") == "Your family"
        assert _("Your family") == "Your whānau"
        with glossary.speaking("cy", terms):
            assert "teulu" in _("Family").lower()
    assert _("Your family") == "Your family"


def test_an_error_ends_it_too() -> None:
    with pytest.raises(ZeroDivisionError), glossary.speaking("en", glossary.written({"en": AOTEAROA})):
        1 / 0  # noqa: B018
    assert _("Your family") == "Your family"
    assert translation.get_language() == "en"


def test_the_plans_own_words_come_after_the_schools_and_two_plans_have_none() -> None:
    pupil, learner = (("student", "pupil"), ("family", "home")), (("student", "learner"),)
    with glossary.speaking("en", glossary.written({"en": {"family": "whānau", "families": "whānau"}})):
        glossary.about_plan(pupil)
        glossary.about_plan(pupil)
        assert _("As the student") == "As the pupil"
        assert _("As the family") == "As the whānau"
        glossary.about_plan(learner)
        glossary.about_plan(pupil)
        assert _("As the student") == "As the student"
    assert _("As the student") == "As the student"
    with glossary.speaking("cy"):
        glossary.about_plan((("teulu", "home"),))
        assert "home" not in _("Family")


def test_schools_that_speak_at_once_do_not_hear_each_other() -> None:
    both = Barrier(2, timeout=10)

    def say(word: str) -> list[str]:
        heard = []
        for _turn in range(50):
            with glossary.speaking("en", glossary.written({"en": {"student": word, "students": word}})):
                both.wait()
                heard.append(_("As the student"))
            heard.append(_("As the student"))
        return heard

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(say, ["ākonga", "pupil"])
    assert set(first) == {"As the ākonga", "As the student"}
    assert set(second) == {"As the pupil", "As the student"}


def test_tasks_of_one_thread_do_not_hear_each_other() -> None:
    async def say(word: str) -> set[str]:
        heard = set()
        with glossary.speaking("en", glossary.written({"en": {"student": word, "students": word}})):
            for _turn in range(20):
                await asyncio.sleep(0)
                heard.add(_("As the student"))
        return heard

    async def together() -> list[set[str]]:
        return await asyncio.gather(say("ākonga"), say("pupil"))

    assert asyncio.run(together()) == [{"As the ākonga"}, {"As the pupil"}]
