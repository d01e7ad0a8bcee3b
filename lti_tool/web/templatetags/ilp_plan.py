"""Words of the plan's pages for templates; what they say is in `web.plan_words`."""

from django import template

from .. import plan_words

register = template.Library()
for _words in (
    plan_words.habit_words,
    plan_words.who_does,
    plan_words.way_words,
    plan_words.story_words,
    plan_words.told,
    plan_words.missing_words,
):
    register.filter(_words.__name__, _words)


@register.simple_tag
def ask(code: str, plan, target) -> str:  # type: ignore[no-untyped-def]
    return plan_words.ask_words(code, plan.framework, target)


@register.filter
def item(mapping, key):  # type: ignore[no-untyped-def]
    """What a mapping holds under a key that is itself a value."""
    return mapping.get(key, "") if mapping else ""


@register.filter
def prefixed(text: str, prefix: str) -> str:
    return f"{prefix}{text}"


@register.filter
def named(items, key):  # type: ignore[no-untyped-def]
    """What the framework calls the item of this key; the key itself where it no longer has it."""
    return next((found.name for found in items if found.key == key), key)
