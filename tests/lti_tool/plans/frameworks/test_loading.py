"""A framework is read from YAML, or everything to mend in it is told by line."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.plans import api
from lti_tool.plans.exceptions import FrameworkProblem
from lti_tool.plans.frameworks import reading
from lti_tool.plans.frameworks.data import Framework
from lti_tool.plans.frameworks.loading import BUILT_IN, built_in, built_in_text, document, framework, load

DOCS = Path(__file__).parents[4] / "lti_tool" / "docs"

SMALL = """\
format: 1
key: our_school
name: Our school
areas:
  - {key: music, name: Music}
scales:
  - key: steps
    name: Steps
    levels:
      - {key: one, name: One step, shape: seed}
      - {key: two, name: Two steps, shape: star}
target_types:
  - {key: song, name: A song, measurable: false}
review_kinds:
  - {key: concert, name: Concert, scale: steps}
"""


@pytest.fixture(params=["SafeLoader", "CSafeLoader"], autouse=True)
def parser(request, monkeypatch):
    """PyYAML comes with and without its fast parser; both read alike."""
    monkeypatch.setattr(reading, "_LOADER", getattr(yaml, request.param))


def problems(text: str, **kwargs) -> list[tuple[int, str, str, str]]:
    with pytest.raises(FrameworkProblem) as wrong:
        load(text, **kwargs)
    return [(each.line, each.where, each.what, each.mend) for each in wrong.value.problems]


def read_through(text: str) -> Framework | FrameworkProblem:
    try:
        return load(text).made()
    except FrameworkProblem as wrong:
        return wrong


def test_a_further_framework_needs_no_code():
    it = api.check_framework(SMALL)

    assert it == load(SMALL).made()
    assert [area.name for area in it.areas] == ["Music"]
    assert it.review_kind("concert").scale == "steps"


def test_a_framework_can_begin_with_a_built_in_one():
    text = "format: 1\nextends: te_kura\nkey: ours\nname: Ours\nrules: {contract: true}\ncontexts: []\n"
    it, base = load(text).made(), built_in("te_kura").made()

    assert it.areas == base.areas
    assert it.rules.career_goal_from_year == 7  # what is written is added to the rules of the base
    assert it.rules.contract
    assert it.contexts == ()  # a list replaces the base's


@pytest.mark.parametrize(
    ("change", "line", "where", "mend"),
    [
        (("name: Our school", "nmae: Our school"), 3, "nmae", "Write “name” instead."),
        (("key: music, name: Music", "key: music"), 5, "areas.1.name", "Add a line that begins with “name:”."),
        (("key: music", "key: Music!"), 5, "areas.1.key", "Write it so, as in: work_placement"),
        (("measurable: false", "measurable: no"), 13, "target_types.1.measurable", "Write true or false, "),
        (("scale: steps", "scale: stesp"), 15, "review_kinds.1.scale", "Write “steps” instead."),
        (("shape: star", "shape: stra"), 11, "scales.1.levels.2.shape", "Write “star” instead."),
        (("name: Our school", "name:"), 3, "name", "Write something after the colon, "),
        (("name: Two steps", "name: 2"), 11, "scales.1.levels.2.name", "Write words; put quotes around "),
        (("key: two", "key: one"), 11, "scales.1.levels.2.key", "Give this one another key."),
        (("name: Our school", "name: Our school\nname: Again"), 4, "name", "Keep one of them, or put both together."),
        (("format: 1", "format: 2"), 1, "format", "Write one of these: 1."),
        (("format: 1", "format: 1\nextends: te_kra"), 2, "extends", "Write “te_kura” instead."),
        (("{key: music, name: Music}", "music"), 5, "areas.1", "Write them one a line, "),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_how_to_mend_it(change, line: int, where: str, mend: str):
    found = [way for at, path, _what, way in problems(SMALL.replace(*change)) if (at, path) == (line, where)]

    assert any(way.startswith(mend) for way in found), found


def test_all_that_is_wrong_is_told_at_once():
    text = SMALL.replace("key: music", "key: Music!").replace("key: song", "kye: song")

    assert [(line, where) for line, where, *_ in problems(text)] == [(5, "areas.1.key"), (13, "target_types.1.kye")]


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("calendar:\n  - {key: a, name: A, due: {month: 2, day: 30}}\n", "Month 2 has no day 30."),
        ("calendar:\n  - {key: a, name: A, due: {month: 2}}\n", "This names no day, or more than one."),
        ("calendar:\n  - {key: a, name: A, due: {term: autumn}}\n", "There is no “autumn” in “terms”."),
        ("sources:\n  - {key: a, name: A}\n  - {key: a, name: B}\n", "There is already one with the key “a”."),
        ("year_bands:\n  - {key: a, name: A, years: {from: 7, to: 6}}\n", "The last year comes before the first."),
        ("target_fields:\n  - {key: a, label: A}\n", "“sensitivity” is missing here."),
        (
            "target_fields:\n  - {key: a, label: A, kind: choice, sensitivity: ordinary}\n",
            "There is nothing to choose from.",
        ),
        (
            "target_fields:\n  - {key: goal, label: Aim, sensitivity: restricted}\n",
            "There is already one with the key “goal”.",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(written: str, what: str):
    assert what in [sentence for _line, _where, sentence, _mend in problems(SMALL + written)]


@pytest.mark.trust("T2")
@pytest.mark.parametrize("sensitivity", ["sensitive", "restricted"])
def test_next_steps_of_a_review_are_for_everybody_who_reads_it(sensitivity: str):
    field = f"fields: [{{key: next_steps, label: Next, sensitivity: {sensitivity}}}]"
    told = problems(SMALL.replace("scale: steps}", f"scale: steps, {field}}}"))
    where = "review_kinds.1.fields.1.sensitivity"
    assert [(each[1], each[2]) for each in told] == [
        (where, "Next steps are read by everybody who reads the review.")
    ]
    assert load(SMALL.replace("scale: steps}", f"scale: steps, {field.replace(sensitivity, 'personal')}}}"))


@pytest.mark.trust("T2")
def test_every_field_has_to_say_how_guarded_it_is():
    for key in BUILT_IN:
        text = built_in_text(key)
        if "sensitivity: personal, " in text:
            assert problems(text.replace("sensitivity: personal, ", "", 1), key=key)


@pytest.mark.parametrize(
    "text",
    [
        "", "- a", "just words", "a: [", "a: &x 1\nb: *x", "!!python/object:os.system x", "--- a\n--- b", "\t- a",
        "[" * 100_000, "a: " + "[" * 15 + "]" * 15, "x: " + "y" * 300_000, 'a: "\\UFFFFFFFF"', 'a: "\\0"',
        'a: "\\uD800"', "%YAML " + "9" * 5000 + ".1\n---\na: 1", "a: 1e400", "a: .nan", "1: 1", "? [a]\n: b",
        "format: " + "9" * 400, "a: b: c", "\ufeff", "\x00", "%TAG ! x\n---\na", "areas: {}", "words: 1", "key: [",
    ],
)  # fmt: skip
def test_no_text_at_all_gets_past_with_anything_else_than_a_problem(text: str):
    found = problems(text)

    assert all(line >= 1 and what and mend for line, _where, what, mend in found)


UNHURRIED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
LINES = st.lists(st.sampled_from(SMALL.splitlines() + built_in_text("rigby_hall").splitlines()), max_size=60)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["key", "name"]),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(
        st.sampled_from(sorted(built_in("te_kura").model_dump())) | st.text(max_size=6), inside, max_size=4
    ),
    max_leaves=20,
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(max_size=200)
    | LINES.map("\n".join)
    | PLAIN.map(lambda data: yaml.safe_dump(data, allow_unicode=True))
    | PLAIN.map(lambda data: SMALL + yaml.safe_dump({"rules": data, "calendar": data}))
)
def test_any_text_ends_in_a_framework_or_in_problems_with_line_and_mend(text: str):
    found = read_through(text)

    assert isinstance(found, Framework) or (found.line >= 1 and found.mend and found.problems)


@settings(max_examples=40, deadline=None, suppress_health_check=UNHURRIED)
@given(st.data())
def test_a_built_in_framework_with_one_line_spoilt_says_so_near_that_line_or_still_stands(data):
    lines = built_in_text("rigby_hall").splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.text(st.characters(codec="utf-8"), max_size=12))
    found = read_through("\n".join(lines))

    assert isinstance(found, Framework) or 1 <= found.line <= len(lines) + 1


@pytest.mark.parametrize("key", BUILT_IN)
def test_what_is_kept_of_a_framework_is_all_of_it(key: str):
    part = built_in(key)

    assert framework(json.loads(json.dumps(document(part))), 3) == part.made(3)


@pytest.mark.parametrize("key", BUILT_IN)
def test_the_json_schema_takes_every_built_in_framework(key: str):
    schema = json.loads((DOCS / "framework.schema.json").read_text("utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(built_in_text(key)), schema)


@pytest.mark.parametrize("spoil", [{"nmae": "x"}, {"areas": []}, {"format": 2}, {"calendar": [{"key": "a"}]}])
def test_the_json_schema_refuses_what_the_tool_refuses(spoil: dict):
    schema = json.loads((DOCS / "framework.schema.json").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(SMALL) | spoil, schema)


def test_the_description_of_the_format_is_current(tmp_path):
    call_command("framework_format", tmp_path)

    for name in ("frameworks.md", "framework.schema.json"):
        mend = f"run: ilp-tool framework_format lti_tool/docs ({name})"
        assert (tmp_path / name).read_text("utf-8") == (DOCS / name).read_text("utf-8"), mend


def test_the_command_tells_a_good_file_from_a_bad_one(tmp_path, capsys):
    good, bad, strange = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "strange.yaml"
    good.write_text(SMALL, "utf-8")
    bad.write_text(SMALL.replace("scale: steps", "scale: stesp"), "utf-8")
    strange.write_bytes(b"format: 1\nname: \xff\n")

    call_command("check_framework", good)
    assert "Our school can be used" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"bad\.yaml:15: review_kinds\.1\.scale: .* Write “steps” instead"):
        call_command("check_framework", bad)
    with pytest.raises(CommandError, match=r"strange\.yaml:2: .*UTF-8"):
        call_command("check_framework", strange)
    with pytest.raises(CommandError, match="No such file"):
        call_command("check_framework", tmp_path / "none.yaml")
