"""What templates say on every page is put together once per language, and nothing else is kept."""

import pytest
from django.template import Context, engines
from django.utils import translation

from lti_tool.web.still import Still, settle

LOAD = "{% load i18n static ilp %}"


def template(source: str):
    made = engines["django"].from_string(LOAD + source).template
    settle(made.nodelist)
    return made


def say(made, language="en", **values) -> str:
    with translation.override(language):
        return made.render(Context(values))


def kept(nodes) -> int:
    return len(list(nodes.get_nodes_by_type(Still)))


def test_words_icons_and_asset_addresses_become_one_node():
    made = template('<p>{% translate "Class" %}</p>{% icon "clock" %}<link href="{% static "ilp/base.css" %}">')
    assert [type(node) for node in made.nodelist] == [Still]
    assert say(made) == "<p>Class</p>" + say(template('{% icon "clock" %}')) + '<link href="/static/ilp/base.css">'


def test_each_language_keeps_its_own_words():
    made = template('<p>{% translate "Class" %}</p>')
    english, arabic = say(made), say(made, "ar")
    assert english == "<p>Class</p>"
    assert arabic != english
    assert (say(made), say(made, "ar")) == (english, arabic)


def test_what_depends_on_the_page_is_said_anew():
    made = template(
        '{% translate "Class" %} {{ name }}{% if name == "Bo" %} {% translate "Review" %}{% endif %}{% icon shape %}'
    )
    assert "Ana" in say(made, name="Ana", shape="clock")
    again = say(made, name="Bo", shape="pen")
    assert "Ana" not in again
    assert "Bo Review" in again
    assert "#i-pen" in again


@pytest.mark.parametrize(
    "source",
    [
        "{% translate words %}",
        '{% translate "Class" as words %}{{ words }}',
        '{% translate words|default:"Class" %}',
        '{% language "ar" %}{% translate "Class" %}{% endlanguage %}',
        "{% icon words %}",
        '{% static words|default:"x" %}',
    ],
)
def test_what_a_value_can_change_is_never_kept(source):
    assert kept(template(source).nodelist) <= 1  # the line that loads the tags
    assert say(template(source), words="pen") == engines["django"].from_string(LOAD + source).render({"words": "pen"})


def test_parts_inside_conditions_and_loops_are_kept_too():
    made = template('{% for n in list %}{% if n %}<b>{% translate "Class" %}</b>{{ n }}{% endif %}{% endfor %}')
    assert kept(made.nodelist) >= 2
    assert say(made, list=[1, 0, 2]) == "<b>Class</b>1<b>Class</b>2"
