"""`make messages`: collect every translatable string of both packages into the shared catalogues and compile them.

One catalogue serves both: Django reads `django.mo`, an XBlock's i18n service `text.mo`. Needs GNU gettext.
"""

import os
import shutil
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "translations"
IGNORED = ["tests/*", "build/*", "var/*", "lti_tool/locale/*", "ilp_xblock/translations/*"]


def main() -> None:
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    settings.LOCALE_PATHS = [CATALOGUES]
    languages = [code for code, _ in settings.LANGUAGES if code != "en"]
    for code in languages:
        (CATALOGUES / code / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
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
        folder = CATALOGUES / code / "LC_MESSAGES"
        os.chdir(folder.parents[1])
        call_command("compilemessages", locale=[code], verbosity=0)
        os.chdir(ROOT)
        shutil.copyfile(folder / "django.mo", folder / "text.mo")


if __name__ == "__main__":
    main()
