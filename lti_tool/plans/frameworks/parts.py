"""What every part of a written framework has in common: strictness, texts people read, and its frozen value."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Shown:
    """Marks a text that people read, hence one to translate."""


_SLUG = r"[a-z][a-z0-9_]{0,62}"

Key = Annotated[str, StringConstraints(pattern=f"^{_SLUG}$")]
Ref = Annotated[str, StringConstraints(pattern=f"^({_SLUG})?$")]  # a key of another list, or none
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S"), Shown()]
Words = Annotated[str, StringConstraints(max_length=2000), Shown()]


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
