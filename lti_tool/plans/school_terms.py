"""What a school calls students, families, plans and the like, in each language it uses (T91).

Its administrator gives the words; they stand in our messages on every page of the school, and nowhere else
(`lti_tool.glossary`). The trail says which words changed.
"""

from collections.abc import Mapping

from lti_tool import glossary
from lti_tool.glossary import Forms
from lti_tool.glossary_words import ONE_AND_MANY, PLACES, WORDS

from . import audit
from .data import Act, Actor
from .exceptions import Invalid
from .models import School
from .permissions import asking, changing, office


def school_terms(actor: Actor) -> Mapping[str, Forms]:
    """The words that hold now: for each language, ours -> the school's.

    Raises:
        NotFound: the actor is not in the school's office.
    """
    with asking(actor, "terms.read", "school", actor.school_id):
        office(actor, Act.SET_RULES)
    return glossary.read(School.objects.get(pk=actor.school_id).terms)


def set_school_terms(actor: Actor, terms: Mapping[str, Forms]) -> None:
    """These words stand from now on, and no others; a blank one leaves ours.

    Raises:
        NotFound: the actor is not in the school's office.
        Invalid: as `check_terms`.
    """
    with changing(actor, "terms.set", "school", actor.school_id):
        office(actor, Act.SET_RULES)
        wanted = check_terms(terms)
        school = School.objects.select_for_update(no_key=True).get(pk=actor.school_id)
        stands, told = _named(glossary.read(school.terms)), _named(wanted)
        changed = sorted(name for name in stands.keys() | told.keys() if stands.get(name) != told.get(name))
        if changed:
            School.objects.filter(pk=school.pk).update(terms=glossary.written(wanted))
            audit.record(actor.school_id, "terms.set", "school", school.pk, actor=actor, detail={"changed": changed})


def check_terms(terms: Mapping[str, Forms]) -> dict[str, dict[str, str]]:
    """The words as they would be kept.

    Raises:
        Invalid: by language and our word ("en:student"), "letters" (it could not stand in a sentence), "both" (one
            without many, or many without one), "unknown".
    """
    held: dict[str, dict[str, str]] = {}
    errors: dict[str, str] = {}
    for language, forms in terms.items():
        typed = {word: glossary.as_typed(said) for word, said in forms.items()}
        held[language] = {word: said for word, said in typed.items() if said}
        errors |= {
            f"{language}:{word}": "letters" if word in PLACES.get(language, {}) else "unknown"
            for word, said in held[language].items()
            if word not in PLACES.get(language, {}) or not glossary.is_word(said)
        }
        for places in WORDS[language].values() if language in ONE_AND_MANY else ():
            given = [place[0] for place in places if place[0] in held[language]]
            if 0 < len(given) < len(places):
                missing = next(place[0] for place in places if place[0] not in given)
                errors[f"{language}:{missing}"] = "both"
    if errors:
        raise Invalid(errors)
    return {language: forms for language, forms in held.items() if forms}


def _named(terms: Mapping[str, Forms]) -> dict[str, str]:
    return {f"{language}:{word}": said for language, forms in terms.items() for word, said in forms.items()}
