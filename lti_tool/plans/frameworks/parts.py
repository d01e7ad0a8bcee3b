"""What every part of a written framework has in common: strictness, texts people read, and its frozen value."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from lti_tool import glossary


class Shown:
    """Marks a text that people read, hence one to translate."""


_SLUG = r"[a-z][a-z0-9_]{0,62}"

Key = Annotated[str, StringConstraints(pattern=f"^{_SLUG}$")]
Ref = Annotated[str, StringConstraints(pattern=f"^({_SLUG})?$")]  # a key of another list, or none
# At least one character that can be seen: what only joins, parts or turns others shows nothing by itself.
_SEEN = r"[^\s\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]"
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_SEEN), Shown()]
Words = Annotated[str, StringConstraints(max_length=2000), Shown()]


def _in_sentences(text: str) -> str:
    """One way to write a word, where it can stand in any message."""
    word = glossary.as_typed(text)
    if not glossary.is_word(word):
        raise PydanticCustomError("letters", "no word")
    return word


Term = Annotated[str, AfterValidator(_in_sentences)]


class Part(BaseModel):
    """A mapping in the YAML. Takes nothing it does not know and turns nothing into something else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    makes: ClassVar[type[Any]]  # the frozen value it becomes, with fields of the same names

    def made(self) -> Any:
        return self.makes(**{name: made(getattr(self, name)) for name in type(self).model_fields})

    def texts(self) -> Iterator[str]:
        """Every text in it that people read."""
        for name, about in type(self).model_fields.items():
            value = getattr(self, name)
            if any(isinstance(mark, Shown) for mark in about.metadata):
                yield from (value,) if isinstance(value, str) else value
            else:
                for part in value if isinstance(value, tuple) else (value,):
                    if isinstance(part, Part):
                        yield from part.texts()


def made(value: Any) -> Any:
    """A part, or parts, as their frozen values; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(made(each) for each in value)
    return value.made() if isinstance(value, Part) else value


def say(description: str, **more: Any) -> Any:
    """A key that must be written, and what it means."""
    return Field(description=description, **more)


def may(default: Any, description: str, **more: Any) -> Any:
    """A key that may be left out."""
    return Field(default=default, description=description, **more)
