"""Words of the plan's pages for templates; what they say is in `web.plan_words`."""

from collections.abc import Iterable

from django import template

from lti_tool import glossary
from lti_tool.plans import api as plans
from lti_tool.plans.data import Job
from lti_tool.plans.frameworks.data import Field, FieldKind, Framework, Question

from .. import brought_words, plan_words

register = template.Library()
for _words in (
    plan_words.habit_words,
    plan_words.who_does,
    plan_words.job_words,
    plan_words.way_words,
    plan_words.story_words,
    plan_words.told,
    plan_words.missing_words,
    plan_words.facts,
    plan_words.places,
    plan_words.context_called,
    plan_words.event_called,
    plan_words.area_called,
    plan_words.setting_words,
    brought_words.brought_table,
    brought_words.brought_words,
    brought_words.field_words,
    brought_words.brought_text,
):
    register.filter(_words.__name__, _words)


@register.simple_tag
def ask(code: str, plan, target) -> str:  # type: ignore[no-untyped-def]
    return plan_words.ask_words(code, plan.framework, target)


@register.simple_tag
def jobs() -> list[Job]:
    """What somebody can be named for, in the order of the page."""
    return [Job.CONTACT, Job.NEEDS, Job.PLAN, Job.REVIEWS, Job.SUPPORT]


@register.filter
def item(mapping, key):  # type: ignore[no-untyped-def]
    """What a mapping holds under a key that is itself a value."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def value(row_id, kind: str) -> str:  # type: ignore[no-untyped-def]
    """What a form sends back to name one thing of a kind."""
    return f"{kind}:{row_id}"


@register.filter
def prefixed(text: str, prefix: str) -> str:
    return f"{prefix}{text}"


@register.filter
def named(items, key):  # type: ignore[no-untyped-def]
    """What the framework calls the item of this key; the key itself where it no longer has it."""
    return next((found.name for found in items if found.key == key), key)


@register.filter
def holds(text: str, key: str) -> bool:
    """Whether an answer of several picks has this one."""
    return key in str(text).split()


@register.filter
def chooses(field: Field, key: str) -> bool:
    """Whether the field still offers this choice."""
    return any(choice.key == key for choice in field.choices)


@register.filter
def answered(text: str, field: Field) -> str:
    """An answer as people read it: picks by their names, a day as days are written here."""
    if field.kind is FieldKind.DATE:
        return plan_words.day_words(text)
    return plans.answer_words(field, text)


@register.filter
def of_stage(questions: Iterable[Question], stage: str) -> list[Question]:
    """The headline questions of one stage (002.10)."""
    return [question for question in questions if question.stage == stage]


@register.filter
def called(framework: Framework, key: str) -> str:
    """What the framework calls something, in the reader's language; "" where the heading says it already."""
    word = framework.word(key)
    return plans.shown(word) if word and not glossary.says_otherwise(key) else ""
