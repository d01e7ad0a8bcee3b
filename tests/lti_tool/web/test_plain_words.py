"""T92, T21: what pages say to students is plain, kind and short."""

import re
from pathlib import Path

import pytest

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
