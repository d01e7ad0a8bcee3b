"""Runs in a process of its own, over an SQLite file: several threads, each with its own connection, at one moment.

Prints one JSON line with what came of it; `test_races.py` judges it.
"""

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

THREADS = 6


def at_once(work: Callable[[int], object]) -> list[object]:
    from django.db import connections

    ready = threading.Barrier(THREADS)

    def one(number: int) -> object:
        ready.wait(timeout=20)
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from lti_tool.lti import keys
    from lti_tool.lti.models import Context, LaunchSession, PlatformUser, RegistrationLink, ToolKey
    from lti_tool.lti.registration import links
    from tests.factories import lti

    assert Path(str(settings.DATABASES["default"]["NAME"])).is_absolute()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)

    ToolKey.objects.all().delete()
    key_sets = at_once(lambda _: len(keys.jwks()["keys"]))

    platform, browser = lti.connected(), Client()
    asked = platform.begin(browser)
    sent = {"state": asked["state"], "id_token": platform.sign(platform.claims(asked["nonce"]))}

    def replay(_: int) -> int:
        mine = Client()
        mine.cookies = browser.cookies
        return mine.post("/lti/launch", sent).status_code

    replays = sorted(map(int, at_once(replay)))
    sessions_of_one_message = LaunchSession.objects.count()

    firsts = at_once(lambda _: platform.launch(Client(), sub="new", context={"id": "new"}).status_code)

    links.create(lti.school("Birch School"))
    link = RegistrationLink.objects.get()
    taken = at_once(lambda _: links.take(link))

    result = {
        "key_sets": key_sets,
        "keys": ToolKey.objects.count(),
        "replays": replays,
        "sessions_of_one_message": sessions_of_one_message,
        "firsts": firsts,
        "new_users": PlatformUser.objects.filter(sub="new").count(),
        "new_contexts": Context.objects.filter(id_on_platform="new").count(),
        "taken": sum(map(bool, taken)),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
