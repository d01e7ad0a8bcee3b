"""Fields that are sealed at rest when their class says so: AES-256-GCM, a key for each school (T2, T70).

A sealed value tells which key sealed it and whose school's it is, and opens only in the column it was sealed for: one
that was moved, changed or sealed with a key that is gone raises `Unreadable`. Keys are derived from SECRET_KEY; those
in SECRET_KEY_FALLBACKS still open. Whether a field seals, its annotation alone says (`lti_tool.privacy`).
"""

import json
import logging
import os
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

from lti_tool.privacy import HANDLING

log = logging.getLogger(__name__)

MARK = "ilp:sealed:1:"
_NAME, _SCHOOL, _NONCE = 4, 16, 12  # bytes
NOBODYS = UUID(int=0)  # where a statement names no school; `ilp-tool seal` mends that


class Unreadable(Exception):
    """Sealed words do not open here: moved, changed, or their key is gone. The message is the field's name."""


class Owned:
    """A value on its way into a column, with the school whose key seals it."""

    __slots__ = ("school_id", "value")

    def __init__(self, value: Any, school_id: Any) -> None:
        self.value, self.school_id = value, school_id


class AsItLies(str):
    """A sealed value to be written as it is."""

    __slots__ = ()


def seal(words: str, place: str, school_id: UUID = NOBODYS) -> AsItLies:
    """The words as they lie in the column `place` names."""
    secret, nonce = settings.SECRET_KEY, os.urandom(_NONCE)
    sealed = _cipher(secret, school_id.bytes).encrypt(nonce, words.encode(), place.encode())
    return AsItLies(MARK + b2a_base64(_name(secret) + school_id.bytes + nonce + sealed, newline=False).decode())


def unseal(sealed: str, place: str) -> str:
    """The words that were sealed for this column. Raises Unreadable, and tells the log where (an alert)."""
    try:
        told = a2b_base64(sealed[len(MARK) :])
        name, school = told[:_NAME], told[_NAME : _NAME + _SCHOOL]
        nonce, rest = told[_NAME + _SCHOOL : _NAME + _SCHOOL + _NONCE], told[_NAME + _SCHOOL + _NONCE :]
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            if _name(secret) == name:
                return _cipher(secret, school).decrypt(nonce, rest, place.encode()).decode()
        why = "its key is not among the settings"
    except (InvalidTag, ValueError):
        why = "it was changed, or sealed for another place"
    log.error("what is sealed in %s does not open: %s", place, why)
    raise Unreadable(place)


def is_sealed(value: object) -> bool:
    return isinstance(value, str) and value.startswith(MARK)


def is_current(sealed: str) -> bool:
    """Whether today's key sealed it."""
    return a2b_base64(sealed[len(MARK) :])[:_NAME] == _name(settings.SECRET_KEY)


def school_of(sealed: str) -> UUID:
    """Whose key sealed it."""
    return UUID(bytes=a2b_base64(sealed[len(MARK) :])[_NAME : _NAME + _SCHOOL])


@lru_cache(maxsize=8)
def _name(secret: str) -> bytes:
    return _derived(secret, b"ilp-panel: name of a key", _NAME)


@lru_cache(maxsize=4096)
def _cipher(secret: str, school: bytes) -> AESGCM:
    return AESGCM(_derived(secret, b"ilp-panel: fields at rest" + school, 32))


def _derived(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose).derive(secret.encode())


if TYPE_CHECKING:
    _Column = models.Field[Any, Any]
else:
    _Column = object


class Guarded(_Column):
    """A column that asks its annotation whether to seal. Emptiness stays visible; nothing else can be asked in SQL.

    To Django's migrations it is an ordinary column: a changed class changes no schema.
    """

    _asked: tuple[object, bool] = (None, False)

    @property
    def seals(self) -> bool:
        told: Any = getattr(self.model, "privacy", None)
        if told is not self._asked[0]:
            self._asked = (told, HANDLING[told.fields[self.name].guarded].sealed)
        return self._asked[1]

    @property
    def place(self) -> str:
        return place(self.model, self.name)

    def opened(self, stored: Any) -> Any:
        """The value behind what lies in the column; what is not sealed is taken as it is."""
        raise NotImplementedError

    def told(self, value: Any) -> str:
        """The value as words to seal; "" for an empty one."""
        raise NotImplementedError

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.get_internal_type()}", args, kwargs

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if hasattr(value, "resolve_expression"):
            return value
        return Owned(value, getattr(model_instance, "school_id", None))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        school_id = None
        if isinstance(value, Owned):
            value, school_id = value.value, value.school_id
        if not isinstance(value, AsItLies) and not hasattr(value, "as_sql"):
            words = self.told(value)
            if words and (self.seals or is_sealed(value)):  # what looks sealed would be opened when it is read
                value = seal(words, self.place, _school(school_id))
        return super().get_db_prep_save(value, connection)

    def get_prep_value(self, value: Any) -> Any:
        if self.seals and not is_sealed(value) and self.told(value):
            raise FieldError(f"{self.place} is sealed: a query can only ask whether it is empty")
        return super().get_prep_value(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if self.seals and lookup_name not in {"exact", "in", "isnull"}:
            raise FieldError(f"{self.place} is sealed: a query can only ask whether it is empty")
        return super().get_lookup(lookup_name)


class GuardedText(Guarded, models.TextField):  # type: ignore[type-arg]
    """Words. `max_length` is what forms allow; the column has room for the sealed form."""

    def opened(self, stored: Any) -> Any:
        return unseal(stored, self.place) if is_sealed(stored) else stored

    def told(self, value: Any) -> str:
        return str(value) if value else ""

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return unseal(value, self.place) if value and value.startswith(MARK) else value


class GuardedJSON(Guarded, models.JSONField):
    """A structure of words. Sealed it lies in the column as one JSON string."""

    def opened(self, stored: Any) -> Any:
        return json.loads(unseal(stored, self.place)) if is_sealed(stored) else stored

    def told(self, value: Any) -> str:
        return json.dumps(value, cls=self.encoder) if value else ""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.opened(super().from_db_value(value, expression, connection))


class GuardedFlag(Guarded, models.Field):  # type: ignore[type-arg]
    """A yes or no. Both are sealed: an empty column would tell."""

    def get_internal_type(self) -> str:
        return "TextField"

    def opened(self, stored: Any) -> Any:
        told = unseal(stored, self.place) if is_sealed(stored) else stored
        return told if told is None else str(told).lower() in {"1", "t", "true"}

    def told(self, value: Any) -> str:
        return str(int(bool(value)))

    def to_python(self, value: Any) -> Any:
        return self.opened(value)

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self.told(value) if isinstance(value, bool) else value)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return self.opened(value)


def owned(model: type[models.Model], school_id: Any, values: dict[str, Any]) -> dict[str, Any]:
    """These values of columns, with whose they are where that matters."""
    told = dict(values)
    for name, value in values.items():
        if not hasattr(value, "resolve_expression") and isinstance(model._meta.get_field(name), Guarded):
            told[name] = Owned(value, school_id)
    return told


def place(model: type[models.Model], name: str) -> str:
    """What a sealed value is bound to. A renamed model or field must keep it, or seal anew."""
    return f"{model._meta.label}.{name}"


def _school(told: Any) -> UUID:
    return told if isinstance(told, UUID) else UUID(str(told)) if told else NOBODYS
