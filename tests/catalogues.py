"""`make messages`: collect every translatable string of both packages into the shared catalogues and compile them.

The words of the built-in frameworks are collected too: for the time of the collecting, each YAML file stands beside
a Python file that names its texts. One catalogue serves both: Django reads `django.mo`, an XBlock's i18n service
`text.mo`. Needs GNU gettext.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "translations"
FRAMEWORKS = ROOT / "lti_tool" / "plans" / "frameworks" / "built_in"
IGNORED = ["tests/*", "build/*", "var/*", "lti_tool/locale/*", "ilp_xblock/translations/*"]


def main() -> None:
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    settings.LOCALE_PATHS = [CATALOGUES]
    languages = [code for code, _ in settings.LANGUAGES if code != "en"]
    for code in languages:
        (CATALOGUES / code / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    with framework_words():
        call_command(
            "makemessages",
            locale=languages,
            ignore_patterns=IGNORED,
            extensions=["html", "txt", "py"],
            no_obsolete=True,
            no_wrap=True,
            add_location="file",
        )
    for code in languages:
        catalogue = CATALOGUES / code / "LC_MESSAGES" / "django.po"
        catalogue.write_text(catalogue.read_text("utf-8").replace(".yaml.py", ".yaml"), "utf-8")
    for code in languages:
        folder = CATALOGUES / code / "LC_MESSAGES"
        os.chdir(folder.parents[1])
        call_command("compilemessages", locale=[code], verbosity=0)
        os.chdir(ROOT)
        shutil.copyfile(folder / "django.mo", folder / "text.mo")


@contextmanager
def framework_words() -> Iterator[None]:
    """Every text of the built-in frameworks, once, where gettext finds it."""
    from lti_tool.plans.frameworks.loading import BUILT_IN, built_in

    seen: set[str] = set()
    files = []
    for key in BUILT_IN:
        texts = [text for text in dict.fromkeys(built_in(key).texts()) if text and text not in seen]
        seen.update(texts)
        file = FRAMEWORKS / f"{key}.yaml.py"
        file.write_text("".join(f"gettext_noop({text!r})\n" for text in texts), "utf-8")
        files.append(file)
    try:
        yield
    finally:
        for file in files:
            file.unlink()


if __name__ == "__main__":
    main()
