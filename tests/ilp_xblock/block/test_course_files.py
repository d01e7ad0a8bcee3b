"""The block in course files (OLX): what is exported, copied or pasted comes back, and odd files break no unit."""

from typing import Any

import pytest
from lxml import etree
from workbench.runtime import WorkbenchRuntime
from xblock.core import XBlock

from tests.factories.school import AMARA, PANEL, SCIENCE, TEACHER, block, text, tool

pytestmark = pytest.mark.usefixtures("school")
SETTINGS: dict[str, Any] = {
    "display_name": 'Élan <b>"x"</b>',
    "activity_ids": [SCIENCE.graded[5].id, SCIENCE.graded[0].id],
    "chosen_content": {
        "client_id": "c",
        "title": "Reviews\nof 7B",
        "url": "https://tool.example.org/launch?a=1&b=2",
        "custom": {"who": "$User.id", "ü": "<>"},
    },
}


def exported(shown: XBlock) -> str:
    node = etree.Element("unknown_root")
    shown.add_xml_to_node(node)
    return etree.tostring(node, encoding="unicode")


def imported(xml: str) -> XBlock:
    runtime = WorkbenchRuntime(AMARA)
    runtime.id_generator.set_scenario("imported")
    return runtime.get_block(runtime.parse_xml_string(xml))


def with_fields(**fields: Any) -> XBlock:
    panel = block(PANEL, TEACHER)
    for name, value in fields.items():
        setattr(panel, name, value)
    panel.save()
    return block(PANEL, TEACHER)


def test_what_an_author_set_survives_export_and_import() -> None:
    copy = imported(exported(with_fields(**SETTINGS)))
    assert {name: getattr(copy, name) for name in SETTINGS} == SETTINGS


def test_a_block_that_nobody_set_up_exports_nothing_but_itself() -> None:
    node = etree.fromstring(exported(block(PANEL)))
    assert node.tag == "ilp"
    assert not {"display_name", "activity_ids", "chosen_content"} & set(node.attrib)
    assert not node.text


@pytest.mark.parametrize(
    "fields",
    [
        {"activity_ids": None},
        {"activity_ids": [{"a": 1}]},
        {"activity_ids": [1, None, ["x"]]},
        {"chosen_content": None},
        {"chosen_content": {"title": 7, "url": None}},
        {"display_name": None},
        {"display_name": "  "},
        {"display_name": "x" * 5000},
    ],
    ids=str,
)
def test_odd_fields_of_a_course_file_break_no_view(fields: dict[str, Any], client: Any) -> None:
    tool(messages={"LtiDeepLinkingRequest": ""})
    panel = with_fields(**fields)
    for view in (panel.student_view, panel.author_view, panel.studio_view):
        assert "None" not in text(view())
    assert client.get("/ilp/launch", {"block": PANEL, "student": TEACHER}).status_code in (302, 401)
