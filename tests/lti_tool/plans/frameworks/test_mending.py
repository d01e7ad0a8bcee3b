"""What somebody at a school gets wrong in a framework, each told by the line they look at and by what to write."""

import pytest
import yaml

from lti_tool.plans import api
from lti_tool.plans.exceptions import FrameworkProblem
from lti_tool.plans.frameworks import reading
from lti_tool.plans.frameworks.loading import built_in_text

OURS = "format: 1\nkey: ours\nextends: general\nname: Ours\n"
SCALES = "scales:\n  - {key: %s, name: S, levels: [{key: a, name: A, shape: star}, {key: b, name: %s, shape: %s}]}\n"
TRACK = "\u202eOurs"  # shown from right to left, whatever it says
JOINER = "\u200b"  # a character nobody sees


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(FrameworkProblem) as wrong:
        api.check_framework(text)
    return [(each.line, each.what, each.mend) for each in wrong.value.problems]


@pytest.mark.parametrize(
    ("text", "line", "what", "mend"),
    [
        ("", 1, "This is not a framework.", "Begin with lines such as: key: our_school"),
        ('{"format": 1, "key": "x"', 1, "This line cannot be read as YAML.", "Close the bracket or quote "),
        (
            OURS.replace("name: Ours", 'name: "Ours'),
            4,
            "This line cannot be read as YAML.",
            "Close the bracket or quote ",
        ),
        (OURS.replace("format: 1", "format: '1'"), 1, "Quotes make words of a number.", "Take the quotes away."),
        ("extends: general\n", 1, "“key” is missing here.", "Add a line that begins with “key:”."),
        (OURS.replace("key: ours", "key: general"), 3, "A framework cannot begin with itself.", "Give it a key "),
        (OURS.replace("general", "[general]"), 3, "The key of a built-in framework belongs here.", "Write one of "),
        (OURS.replace("general", ""), 3, "The key of a built-in framework belongs here.", "Write one of "),
        (OURS.replace("extends:", "exetnds:"), 3, "“exetnds” is not known here.", "Write “extends” instead."),
        (OURS.replace("Ours", JOINER), 4, "This is empty.", "Write something, or take the line away."),
        (OURS.replace("Ours", TRACK), 4, "A character stands here that cannot be kept.", "Type this line anew."),
        (OURS.replace("Ours", "A\u2028B"), 4, "A character stands here that cannot be kept.", "Type this line anew."),
        (
            OURS + f"cadences:\n  - {{key: c, name: C, weeks: {10**20}}}\n",
            6,
            "This number is too large.",
            "Write 104 ",
        ),
        (
            OURS + SCALES % ("progress", "a", "leaf"),
            6,
            "There is already one called “a”.",
            "Call it ",
        ),
        (OURS + SCALES % ("progress", "B", "star"), 6, "Another level has the shape “star” already.", "Give each "),
        (OURS + "areas:\n  - {key: قراءة, name: القراءة}\n", 6, "A key has only small letters, ", "Write it so, "),
    ],
    ids=lambda value: value[-40:] if isinstance(value, str) else value,
)
def test_each_slip_is_told_where_it_was_made(text: str, line: int, what: str, mend: str):
    found = problems(text)

    assert any(at == line and said.startswith(what) and way.startswith(mend) for at, said, way in found), found


def test_what_no_longer_fits_the_base_names_the_line_it_comes_in_by_and_what_to_write_anew():
    """The reviews of the base judge on a scale that was written over."""
    found = problems(OURS + SCALES % ("ours", "B", "leaf"))

    assert {line for line, _what, _mend in found} == {3}
    assert all("write “review_kinds:” anew" in mend for _line, _what, mend in found)


def test_words_from_right_to_left_are_kept_as_they_were_written():
    it = api.check_framework(OURS.replace("Ours", "خطة مدرستنا") + "areas:\n  - {key: qiraa, name: القراءة}\n")

    assert (it.name, it.areas[0].name) == ("خطة مدرستنا", "القراءة")


def test_json_is_read_like_yaml_and_its_lines_are_named():
    good = '{"format": 1, "key": "x", "extends": "general",\n "name": "X"}'

    assert api.check_framework(good).name == "X"
    assert problems(good.replace('"X"', "7"))[0][0] == 2


WHOLE = built_in_text("alfreton_park")
UNREADABLE = "This line cannot be read as YAML."


@pytest.mark.parametrize("parser", ["SafeLoader", "CSafeLoader"])
@pytest.mark.parametrize(
    ("written", "slip", "mend"),
    [
        ("  learner: Pupil\n", "\tlearner: Pupil\n", "Write spaces at the beginning"),
        ("  learner: Pupil\n", "\u00a0\u00a0learner: Pupil\n", "Write spaces at the beginning"),
        ("  learner: Pupil\n", "  learner:Pupil\n", "Write a space after the colon or the hyphen."),
        ("  - {key: class_staff,", "  -{key: class_staff,", "Write a space after the colon or the hyphen."),
        ("[learner, family, school]  # 001.12", "[learner, family, school  # 001.12", "Close the bracket or quote"),
        ("wants and needs]}", "wants and needs]", "Close the bracket or quote"),
        ('need and think.", e', "need and think., e", "Close the bracket or quote"),
        ("{key: class_staff, name", "{key: class_staff name", "Close the bracket or quote"),
        ("label: How evidence is captured", "label: How: evidence is captured", "Close the bracket or quote"),
        ("name: Alfreton Park\n", "name: %Alfreton Park\n", "Take it away, or put quotes around the words."),
        ("name: Alfreton Park\n", "name: @Alfreton Park\n", "Take it away, or put quotes around the words."),
        ("name: Alfreton Park\n", "name: Alfreton: Park\n", "Look at the spaces at its beginning"),
        ("  teacher: Class staff\n", "   teacher: Class staff\n", "Look at the spaces at its beginning"),
    ],
)
def test_a_slip_of_the_hand_is_told_on_its_own_line_whatever_line_it_shows_on(
    monkeypatch: pytest.MonkeyPatch, parser: str, written: str, slip: str, mend: str
) -> None:
    monkeypatch.setattr(reading, "_LOADER", getattr(yaml, parser))
    assert written in WHOLE
    line = WHOLE[: WHOLE.index(written)].count("\n") + 1
    ((at, what, way),) = problems(WHOLE.replace(written, slip, 1))

    assert (at, what[: len(UNREADABLE)]) == (line, UNREADABLE)
    assert way.startswith(mend)
