"""The words of frameworks as people see them: ours in the reader's language, a school's as it wrote them."""

from functools import cache

from lti_tool import glossary

from .loading import BUILT_IN, built_in


@cache
def built_in_words() -> frozenset[str]:
    """Every text of the built-in frameworks that people read: what the catalogues translate."""
    return frozenset(text for key in BUILT_IN for text in built_in(key).texts() if text)


def shown(text: str) -> str:
    """The text in the reader's language, if it is one of ours; a school's own words are left alone."""
    return glossary.as_framework_says(text) if text in built_in_words() else text
