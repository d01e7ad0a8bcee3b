"""What may stand anywhere in foreign JSON: every kind of value, and texts that no database keeps."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# Half surrogates and NUL too: JSON can write both, PostgreSQL keeps neither.
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=40) | st.sampled_from(
    ["\x00", "a\x00b", "\ud800", "x" * 300, "http://[", "https://lms.example/\u202e", "NaN", "0", "true", "../.."]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -1, 0, 1e308])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


def thorough(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        derandomize=True,
    )


def changed(good: dict[str, object], *extra: str) -> st.SearchStrategy[dict[str, object]]:
    """Anything in some of the members of a good object, and in members it need not have."""
    return st.dictionaries(st.sampled_from([*good, *extra]), JSON, min_size=1, max_size=4)
