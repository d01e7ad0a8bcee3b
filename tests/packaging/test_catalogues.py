"""Every catalogue we ship says everything, in its own words, and what is compiled is what is written (T91).

Reads the files alone, so it needs no GNU gettext; `make messages` mends what it finds.
"""

import re
from collections import Counter, defaultdict
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?[a-z][^>]*>")
NUMBERS = range(1000)

pytestmark = pytest.mark.trust("T91")


@pytest.fixture(params=sorted((ROOT / "translations").glob("*/LC_MESSAGES")), ids=lambda folder: folder.parent.name)
def folder(request) -> Path:
    return request.param


@pytest.fixture
def written(folder) -> Catalog:
    with (folder / "django.po").open("rb") as file:
        return read_po(file, locale=folder.parent.name)


def messages(catalogue: Catalog) -> list[Message]:
    """All but the header, which has an empty id."""
    return [message for message in catalogue if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """The one text of a plain message, all texts of a counted one."""
    return [text] if isinstance(text, str) else list(text)


def placeholders(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text))


def everything(catalogue: Catalog) -> dict:
    return {(m.context, tuple(forms(m.id))): forms(m.string) for m in messages(catalogue)}


def test_there_is_a_catalogue_for_every_language_that_can_be_chosen(settings):
    offered = {code for code, _ in settings.LANGUAGES} - {"en"}

    assert {file.parents[1].name for file in (ROOT / "translations").glob("*/LC_MESSAGES/django.po")} == offered


def test_no_message_is_left_untranslated(written):
    assert [message.id for message in messages(written) if not all(forms(message.string))] == []


def test_no_translation_is_only_a_guess(written):
    assert [message.id for message in written if message.fuzzy] == []


def test_a_counted_message_has_every_plural_form_of_its_language(written):
    counted = [message for message in messages(written) if message.pluralizable]

    assert [message.id for message in counted if len(forms(message.string)) != written.num_plurals] == []


def test_a_translation_fills_in_the_same_things_as_its_message(written):
    plain = [message for message in messages(written) if not message.pluralizable]

    assert [m.id for m in plain if placeholders(m.id) != placeholders(m.string)] == []


def test_only_a_plural_form_for_a_single_number_may_leave_the_number_out(folder, written):
    with (folder / "django.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    wrong = []
    for message in (message for message in messages(written) if message.pluralizable):
        said_for = defaultdict(set)
        for number in NUMBERS:
            said_for[compiled.ngettext(*message.id, number)].add(number)
        meant = placeholders(message.id[1])
        for text, numbers in said_for.items():
            left_out, added = meant - placeholders(text), placeholders(text) - meant
            if added or (left_out and (len(numbers) > 1 or left_out.total() > 1)):
                wrong.append((message.id[1], text))

    assert wrong == []


@pytest.mark.parametrize("name", ["django.mo", "text.mo"])
def test_the_compiled_catalogue_says_what_the_written_one_says(folder, written, name):
    compiled_now = BytesIO()
    write_mo(compiled_now, written)
    compiled_now.seek(0)
    with (folder / name).open("rb") as file:
        shipped, meant = read_mo(file), read_mo(compiled_now)

    assert everything(shipped) == everything(meant)
    assert (shipped.num_plurals, shipped.plural_expr) == (meant.num_plurals, meant.plural_expr)
