"""Templates whose unchanging parts are put together once: text, translations, icons, asset addresses.

Once for each language, and for each school that has words of its own in it (`lti_tool.glossary`). Between the
values that a page shows stand dozens of such parts. Django renders each of them for each page, which took longer
than all the values and their queries. Here neighbours become one, when a template is loaded; no template says
anything about it, and whatever depends on the context stays as it was.
"""

from collections.abc import Iterable
from typing import Any

from django.template import Context, Node, NodeList, Origin, Template
from django.template.base import FilterExpression, TextNode, Variable
from django.template.defaulttags import IfNode, LoadNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import LanguageNode, TranslateNode
from django.templatetags.static import StaticNode

from lti_tool import glossary

from .templatetags import ilp


class Still(Node):
    """Neighbours that say the same on every page of one language."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.token, self.origin = nodes[0].token, nodes[0].origin

    def render(self, context: Context) -> str:
        try:
            said: dict[object, str] = context.said_once  # type: ignore[attr-defined]
        except AttributeError:  # asked once per page: Django works the language out anew each time
            said = context.said_once = glossary.said_once()  # type: ignore[attr-defined]
        if self not in said:
            said[self] = "".join(str(node.render(context)) for node in self.nodes)
        return said[self]


class _Settling(base.Loader):
    """Settles each template before anybody sees it."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        settle(template.nodelist)
        return template


class Loader(cached.Loader, _Settling):
    """Django's usual loader, which keeps what it loaded."""


def settle(nodes: NodeList) -> None:
    """Make one node of still neighbours, in these nodes and in all inside them."""
    settled: list[Node] = []
    still: list[Node] = []
    for node in nodes:
        if _is_still(node):
            still.append(node)
            continue
        settled += _joined(still)
        still = []
        for inner in _inside(node):
            settle(inner)
        settled.append(node)
    nodes[:] = [*settled, *_joined(still)]


def _joined(still: list[Node]) -> list[Node]:
    if len(still) == 1 and isinstance(still[0], TextNode):
        return still
    return [Still(still)] if still else []


def _inside(node: Node) -> Iterable[NodeList]:
    if isinstance(node, LanguageNode):  # another language than the page's
        return []
    if isinstance(node, IfNode):
        return [nodes for _, nodes in node.conditions_nodelists]
    return [nodes for name in node.child_nodelists if isinstance(nodes := getattr(node, name, None), NodeList)]


def _is_still(node: Node) -> bool:
    match node:
        case TextNode() | LoadNode():
            return True
        case TranslateNode():
            return (
                not node.noop
                and node.asvar is None
                and not node.message_context
                and _constant(node.filter_expression)
            )
        case StaticNode():
            return node.varname is None and _constant(node.path)
        case SimpleNode():
            return node.func is ilp.icon and node.target_var is None and all(map(_constant, node.args))
    return False


def _constant(value: Any) -> bool:
    """Whether an expression is a literal, with nothing done to it."""
    if not isinstance(value, FilterExpression) or value.filters:
        return False
    return isinstance(value.var, str) or (isinstance(value.var, Variable) and value.var.lookups is None)
