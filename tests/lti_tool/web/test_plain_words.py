"""T92, T21: what pages say to students is plain, kind and short."""

import re
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "lti_tool/web/templates/ilp"
FOR_STUDENTS = [
    "student.html",
    "student_live.html",
    "target_card.html",
    "judgement.html",
    "nothing.html",
    "done.html",
]
EVERYWHERE = [*FOR_STUDENTS, "about.html", "class.html", "class_live.html", "review.html", "review_target.html"]
LONGEST_SENTENCE = 22  # words
LONGEST_WORD = 12  # letters; longer ones are rarely known at eleven
# Words that press, rank, shame or threaten, and words of the office.
NEVER = re.compile(
    r"\b(streak|fail(ed|ure)?|behind|late|worst|rank|lazy|must|hurry|deadline|error|invalid|submit|session|utili[sz]e"
    r"|please note|click here|simply|just)\b",
    re.IGNORECASE,
)


def said(names: list[str]) -> list[str]:
    """The English of the templates, places for values filled with one short word."""
    found = []
    for name in names:
        text = (TEMPLATES / name).read_text()
        found += re.findall(r"""{% translate ["']([^"']+)["']""", text)
        for block in re.findall(r"{% blocktranslate.*?%}(.*?){% endblocktranslate %}", text, flags=re.DOTALL):
            found += re.sub(r"{{.*?}}", "it", block).split("{% plural %}")
    return found


@pytest.mark.trust("T92")
def test_sentences_for_students_are_short_and_of_short_words() -> None:
    long = []
    for text in said(FOR_STUDENTS):
        for sentence in re.split(r"[.!?:] ", text):
            words = re.findall(r"[\w’]+", sentence)
            if len(words) > LONGEST_SENTENCE or any(len(word) > LONGEST_WORD for word in words):
                long.append(sentence)
    assert long == []


@pytest.mark.trust("T21", "T92")
def test_no_word_presses_ranks_or_shames() -> None:
    assert [text for text in said(EVERYWHERE) if NEVER.search(text)] == []


@pytest.mark.trust("T21")
def test_no_page_counts_down_or_closes_a_message_by_itself() -> None:
    script = (ROOT / "static/ilp/ilp.js").read_text()
    timers = re.findall(r"setTimeout\((\w+)", script)
    assert set(timers) <= {"read", "keep", "keepLost"}
    assert "setInterval" not in script


# Who reads which string files, and the school grade (Flesch and Kincaid) their words may need: on the whole, and in
# one sentence of some length. Grade 4 is read at nine, grade 9 at fourteen.
AUDIENCES = {
    "students": (
        4,
        9,
        [*FOR_STUDENTS, "ways.html", "my_review*.html", "about.html", "log/*.html", "work/*.html", "mine/*.html",
         "sharing/*.html", "readers/*.html", "plan/preparation.html", "plan/story.html"],
    ),
    "families": (4, 9, ["people/child.html", "people/family.html", "people/piece.html", "sheets/*.html"]),
    "staff": (6, 13, ["class*.html", "review*.html", "target*.html", "cycle*.html", "plan/*.html", "setup/*.html"]),
}  # fmt: skip
LONG = 9  # words: shorter ones are labels, which a grade says little about
# Turns of phrase that mean something other than their words, and words that speak of what somebody lacks.
IDIOMS = re.compile(
    r"\b(in a nutshell|piece of cake|keep in mind|bear in mind|out of the box|touch base|heads.up"
    r"|get the hang|on board|rule of thumb|ballpark|low.hanging|at the end of the day|hit the ground|in the loop"
    r"|weakness(es)?|deficits?|suffer(s|ing)?|disabled|problem child|low ability|slow learner|special needs|disorder"
    r"|poor(ly)?|bad at|unable to)\b",
    re.IGNORECASE,
)


def syllables(word: str) -> int:
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = (word.endswith("e") and not word.endswith(("le", "ee"))) or (
        word.endswith("ed") and not word.endswith(("ted", "ded"))
    )
    return max(groups - silent, 1)


def grade(sentences: list[str]) -> float:
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z’]+", sentence)]
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * spoken / len(words) - 15.59


def sentences_for(audience: str) -> list[str]:
    names = [
        str(path.relative_to(TEMPLATES)) for name in AUDIENCES[audience][2] for path in sorted(TEMPLATES.glob(name))
    ]
    parts = [part for text in said(names) for part in re.split(r"(?<=[.!?:;])\s+", text)]
    return [part for part in parts if len(re.findall(r"[A-Za-z’]+", part)) >= 4]


def test_a_hard_sentence_is_known_from_an_easy_one() -> None:
    assert grade(["You can halve anything now."]) < 5
    assert grade(["Notwithstanding circumstances, documentation necessitates administrative approval."]) > 20


@pytest.mark.trust("T92")
@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_words_of_each_audience_can_be_read_at_its_age(audience: str) -> None:
    whole, one, _ = AUDIENCES[audience]
    sentences = sentences_for(audience)
    assert len(sentences) > 30
    assert grade(sentences) <= whole
    hard = [text for text in sentences if len(re.findall(r"[A-Za-z’]+", text)) >= LONG and grade([text]) > one]
    assert hard == []


@pytest.mark.trust("T92")
def test_nothing_is_said_in_pictures_of_speech_and_nobody_by_what_they_lack() -> None:
    names = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")]
    with (ROOT / "translations/cy/LC_MESSAGES/django.po").open("rb") as file:  # also what Python says
        ours = [one for one in read_po(file) if any(place.startswith("lti_tool/web/") for place, _ in one.locations)]
    asked = [str(text) for one in ours for text in (one.id if isinstance(one.id, tuple) else (one.id,))]
    assert len(asked) > 500
    assert [text for text in [*said(names), *asked] if IDIOMS.search(text)] == []


@pytest.mark.trust("T92")
def test_strengths_come_first_where_a_learner_is_described() -> None:
    """In every built-in framework the first question about a learner is what they are good at, like or hope for."""
    for file in sorted((ROOT / "lti_tool/plans/frameworks/built_in").glob("*.yaml")):
        framework = yaml.safe_load(file.read_text())
        first = next((s["fields"][0] for s in framework.get("needs", []) if s.get("fields")), None)
        if first:
            told = f"{first['key']} {first['label']}".lower()
            assert re.search(r"strength|good at|like|interest|passion|proud|voice|hope|aspir|love|can do", told), (
                file.name,
                told,
            )
