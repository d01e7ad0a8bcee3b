"""A school's own words for student, family, teacher and the like, in every message of ours (T91).

Django has one place through which all messages come, in whatever language; there a school's words stand in for ours.
People's own words and names never come through it: they are put into a message after it was looked up. Whose words
hold is settled where the language of a request is, and ends with it.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeAlias

from django.utils import translation
from django.utils.safestring import SafeData, mark_safe

from .glossary_words import JOINED, KEPT, PLACES, WORDS

Forms: TypeAlias = Mapping[str, str]  # the first word of a place in our messages -> what a school says there
PlanWords: TypeAlias = tuple[tuple[str, str], ...]  # the same of a framework, for English
LONGEST = 40  # characters of a word

_MARKS = "\u0300-\u036f\u064b-\u0652\u0670"  # written above and below letters; `\w` knows none of them
_LETTER = rf"[\w{_MARKS}]"
_NOT_WORDS = r"%\(\w+\)[-#0 +]*[\d.]*[a-zA-Z]|%[a-zA-Z%]|\{[^{}]*\}|<[^<>]*>|&#?\w+;|https?://\S+"
# Vowels to the eye that are none to the ear, the other way round, and letters said one by one.
_LIKE_YOU = re.compile(r"eu|ew|uni|us[eu]|ut[ei]|one\b|once|ubi", re.IGNORECASE)
_SILENT = re.compile(r"hour|honou?r|heir|honest", re.IGNORECASE)
_SPELT = re.compile(r"[A-Z]{2,5}\b")


class Speech:
    """One language as one school speaks it. What it said once it knows by heart."""

    def __init__(self, language: str, forms: Forms, *, terms: str = "", read: tuple[PlanWords, ...] = ()) -> None:
        """`terms` and `read`: what the forms come from."""
        self.language, self.terms, self.read = language, terms, read
        self.once: dict[object, str] = {}  # what templates put together once (`web.still`)
        places = PLACES.get(language, {})
        self.instead = {
            word: said for key, said in forms.items() if key in places and is_word(said) for word in places[key]
        }
        self._words = _pattern(language, self.instead)
        self._twice = _twice(language, self.instead.values())
        self._said: dict[str, str] = {}
        self._safe: dict[str, str] = {}

    def say(self, message: str) -> str:
        """The message in the school's words; what stands for values, and markup, as it was."""
        known = self._safe if isinstance(message, SafeData) else self._said
        said = known.get(message)
        if said is None:
            said = self._twice.sub(r"\1", self._words.sub(self._one, message))
            if isinstance(message, SafeData):
                said = mark_safe(said)  # noqa: S308 (`is_word`: what a school says holds no markup)
            known[message] = said
        return said

    def _one(self, found: re.Match[str]) -> str:
        """What stands for one word, with the article before it and the ending behind it."""
        word, article, own = found["word"], found["article"] or "", found["own"] or ""
        if word is None:
            return found[0]
        said = self.instead[word.lower()]
        if article:
            article = article[0] + ("n" if _begins_with_a_vowel(said) else "") + found["gap"]
        if own == "’" and not said.endswith("s"):
            own = "’s"
        return article + (said[0].upper() + said[1:] if word[0].isupper() else said) + own


def is_word(text: str) -> bool:
    """Whether a text can stand in any message: letters and what holds them together, no markup, no placeholder."""
    return (
        0 < len(text) <= LONGEST
        and unicodedata.category(text[0])[0] in "LN"
        and all(unicodedata.category(char)[0] in "LMN" or char in " ’-·.()" for char in text)
    )


def as_typed(text: str) -> str:
    """One spelling for what looks the same: blanks, apostrophes, letters with their marks."""
    return unicodedata.normalize("NFC", " ".join(text.replace("'", "’").split()))


def written(terms: Mapping[str, Forms]) -> str:
    """The words of a school for each language, as it is kept and as `speaking` takes it."""
    held = {language: forms for language, forms in terms.items() if forms}
    return json.dumps(held, ensure_ascii=False, sort_keys=True) if held else ""


def read(text: str) -> dict[str, dict[str, str]]:
    """What `written` wrote."""
    return json.loads(text) if text else {}


@contextmanager
def speaking(language: str, terms: str = "") -> Iterator[None]:
    """Speak this language, in the words a school has for it (`written`); afterwards it is as before."""
    before = _speech.set(_speech_of(language, terms, ()))
    try:
        with translation.override(language):
            yield
    finally:
        _speech.reset(before)


def about_plan(words: PlanWords) -> None:
    """The plan this request is about has these words too; the school's own go before.

    They hold until the request ends. One that reads plans with different words is about none of them.
    """
    speech = _speech.get()
    if speech is not None and speech.language == "en" and words not in speech.read:
        _speech.set(_speech_of("en", speech.terms, (*speech.read, words)))


def as_framework_says(text: str) -> str:
    """A framework's own text in the reader's language: the school's words stand in it, and no others."""
    speech = _speech.get()
    if speech is None or not speech.read:
        return translation.gettext(text)
    before = _speech.set(_speech_of(speech.language, speech.terms, ()))
    try:
        return translation.gettext(text)
    finally:
        _speech.reset(before)


def says_otherwise(term: str) -> bool:
    """Whether another word than ours stands for this ("plan", "key_worker") in the language and school of now."""
    speech = _speech.get()
    places = WORDS.get(speech.language, {}).get(term) if speech is not None else None
    return speech is not None and places is not None and places[0][0] in speech.instead


def said_once() -> dict[object, str]:
    """Where what never changes within a language and a school's words is kept once it was put together."""
    speech, language = _speech.get(), translation.get_language()
    if speech is not None and speech.language == language:
        return speech.once
    return _PLAIN.setdefault(language, {})


def listen() -> None:
    """Stand where all messages come through. Once in a process, before anything is said."""
    for name in ("gettext", "pgettext", "ngettext", "npgettext"):
        setattr(translation._trans, name, _in_its_words(getattr(translation._trans, name)))  # type: ignore[attr-defined]


_speech: ContextVar[Speech | None] = ContextVar("speech", default=None)
_PLAIN: dict[str | None, dict[object, str]] = {}


def _in_its_words(look_up: Callable[..., str]) -> Callable[..., str]:
    def say(*asked: Any) -> str:
        message, speech = look_up(*asked), _speech.get()
        return speech.say(message) if speech is not None and speech.instead else message

    return say


@lru_cache(maxsize=512)
def _speech_of(language: str, terms: str, plans: tuple[PlanWords, ...]) -> Speech:
    forms = dict(plans[0]) if len(plans) == 1 else {}
    forms |= read(terms).get(language, {})
    return Speech(language, forms, terms=terms, read=plans)


def _pattern(language: str, words: Iterable[str]) -> re.Pattern[str]:
    """Our words, whole; before them in the same pattern what must not be looked into."""
    kept = f"{_NOT_WORDS}|(?-i:{KEPT[language]})" if language in KEPT else _NOT_WORDS
    longest_first = sorted(map(re.escape, words), key=len, reverse=True) or [r"(?!)"]
    article = rf"(?:(?<!{_LETTER})(?P<article>an?)(?P<gap>\s+))?" if language == "en" else "(?P<article>(?!))?"
    own = "(?P<own>’s?)?" if language == "en" else "(?P<own>(?!))?"
    word = rf"(?<!{_LETTER})(?P<word>{'|'.join(longest_first)}){own}(?!{_LETTER})"
    return re.compile(f"{kept}|{article}{word}", re.IGNORECASE)


def _twice(language: str, said: Iterable[str]) -> re.Pattern[str]:
    """The same word on both sides of an "and"."""
    words = "|".join(map(re.escape, sorted(set(said), key=len, reverse=True)))
    if not words or language not in JOINED:
        return re.compile(r"((?!))")
    return re.compile(rf"(?<!{_LETTER})({words})(?:,| (?:{JOINED[language]})) \1(?!{_LETTER})", re.IGNORECASE)


def _begins_with_a_vowel(word: str) -> bool:
    """As it is heard, for "a" or "an"."""
    if _SPELT.match(word):
        return word[0] in "AEFHILMNORSX"
    if _LIKE_YOU.match(word):
        return False
    return unicodedata.normalize("NFD", word)[0].lower() in "aeiou" or bool(_SILENT.match(word))
