"""Shapes of what platforms send: identifiers, words, addresses, flags. Nothing in them is believed to be true."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    WrapValidator,
)

from .models import SPEC_ID

URL_LENGTH = 1000
LONGEST_RETURN_URL = 8_000

T = TypeVar("T")


def _plain(text: str) -> str:
    """Identifiers go into indexes and logs of row numbers: no control characters, no half surrogates."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("control characters")
    return text


def _storable(text: str) -> str:
    """Text of any kind that goes back as it came: only what no database keeps is refused."""
    if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("characters that cannot be kept")
    return text


# They turn the words around them round, and would show "exe.nalp" as "plan.exe". Joiners and marks, which Persian,
# Hindi or emoji need, stay.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def tidy(value: object, length: int = 255) -> str:
    """Text for people to read, made safe to store: one line, no control characters, cut to `length`."""
    if not isinstance(value, str):
        return ""
    if not value.isascii():
        value = value.translate(_TURNING)
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in value[: 4 * length])
    return " ".join(kept.split())[:length].rstrip()


def web_url(value: object, length: int = URL_LENGTH) -> str:
    """The value when it is an absolute http(s) address of sane length, else an empty string."""
    if not isinstance(value, str) or len(value) > length or not value.isprintable() or "\\" in value:
        return ""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        return ""
    return value if usable and value.isascii() and " " not in value else ""


def _address(value: str) -> str:
    if not web_url(value):
        raise ValueError("not a web address")
    return value


def _long_address(value: str) -> str:
    """Canvas and Sakai put much into the query of the address they want an answer at."""
    if not web_url(value, LONGEST_RETURN_URL):
        raise ValueError("not a web address")
    return value


def _locale(value: object) -> str:
    """A language tag as `ar-sa`, or nothing. What stands behind it is left out: Brightspace writes `EN-US__`."""
    tag = value.replace("_", "-").lower() if isinstance(value, str) else ""
    found = re.match(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}(?![^-.#@])", tag)
    return found[0] if found else ""


def _or_nothing(value: Any, handler: Callable[[Any], T]) -> T | None:
    try:
        return handler(value)
    except ValidationError:
        return None


Id = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=SPEC_ID), AfterValidator(_plain)]
Words = Annotated[str, BeforeValidator(tidy)]
WebUrl = Annotated[str, BeforeValidator(web_url)]
Time = Annotated[FiniteFloat, Field(strict=True, ge=0, le=1e12)]  # seconds since 1970
Address = Annotated[str, Field(strict=True), AfterValidator(_address)]
LongAddress = Annotated[str, Field(strict=True), AfterValidator(_long_address)]
Lenient = WrapValidator(_or_nothing)


def _texts(value: object) -> frozenset[str]:
    """What is text in a list; anything else names nothing."""
    return frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()


def _named(value: object) -> tuple[str, ...]:
    """The same in its order, for what is stored: what cannot be a name of anything is left out."""
    named = (item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
    return tuple(item for item in named if 0 < len(item) <= SPEC_ID and item.isprintable())


def _flag(value: object) -> bool:
    """A flag as platforms send it; anything unclear is the less."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


Flag = Annotated[bool, BeforeValidator(_flag)]
Locale = Annotated[str, BeforeValidator(_locale)]
Names = Annotated[frozenset[str], BeforeValidator(_texts)]
Named = Annotated[tuple[str, ...], BeforeValidator(_named)]
Storable = Annotated[str, Field(strict=True), AfterValidator(_storable)]
