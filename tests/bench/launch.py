"""`python -m tests.bench.launch`: CPU of a returning user's login, launch and redirect, against the bare views.

Both are driven in this process through Django's WSGI handler, on the same SQLite file, in interleaved rounds; only
the tool's own CPU is counted, not the platform's signing. Prints one JSON line.
"""

import gc
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

ROUNDS, LAUNCHES = 15, 40


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ilp-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "ILP_VAR_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "ILP_LOG_LEVEL": "WARNING",
            "ILP_RATE_LOGIN_PER_MINUTE": "1000000",
            "ILP_RATE_LAUNCH_PER_MINUTE": "1000000",
        }
        import django

        django.setup()
        print(json.dumps(measure()))


def measure() -> dict[str, float]:
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, override_settings

    from tests.bench import bare
    from tests.factories import lti

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        for table in bare.TABLES:
            cursor.execute(table)
    platform = lti.connected()
    bare.KEYS[platform.kid] = platform.key.public_key()
    ours = WSGIHandler()
    with override_settings(
        MIDDLEWARE=[
            "tests.bench.bare.OwnAddresses",
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
        ],
    ):
        plain = WSGIHandler()

    def run(handler: WSGIHandler, times: int) -> float:
        """Seconds of CPU a launch takes."""
        return sum(Walk(handler, platform).once() for _ in range(times)) / times

    run(ours, 20), run(plain, 20)
    spent: dict[str, list[float]] = {"ours": [], "bare": []}
    for number in range(ROUNDS):
        order = [("ours", ours), ("bare", plain)]
        for name, handler in order if number % 2 else reversed(order):
            gc.collect()
            spent[name].append(run(handler, LAUNCHES))
    with CaptureQueriesContext(connection) as login:
        walk = Walk(ours, platform)
        walk.login()
    with CaptureQueriesContext(connection) as launch:
        walk.launch()
    medians = {name: statistics.median(values) * 1000 for name, values in spent.items()}
    return {
        "launch_cpu_ms": round(medians["ours"], 3),
        "bare_cpu_ms": round(medians["bare"], 3),
        "ratio": round(medians["ours"] / medians["bare"], 2),
        "ratio_bound": 2.5,
        "login_sql": len(login),
        "launch_sql": len(launch),
        "launch_sql_bound": 6,
    }


class Walk:
    """One browser's way through login and launch; `once` returns the CPU the handler used."""

    def __init__(self, handler: Callable[..., object], platform: object) -> None:
        self.handler, self.platform = handler, platform
        self.cookies: dict[str, str] = {}
        self.spent = 0.0

    def once(self) -> float:
        self.login()
        self.launch()
        return self.spent

    def login(self) -> None:
        from tests.factories.lti import LAUNCH_URL

        query = {
            "iss": "https://lms.example",
            "client_id": "client-1",
            "login_hint": "hint-1",
            "target_link_uri": LAUNCH_URL,
        }
        status, headers = self.ask("GET", "/lti/login", urlencode(query))
        assert status == 302, status
        self.asked = dict(parse_qsl(urlsplit(headers["Location"]).query))

    def launch(self) -> None:
        token = self.platform.sign(self.platform.claims(self.asked["nonce"]))
        body = urlencode({"state": self.asked["state"], "id_token": token}).encode()
        status, _ = self.ask("POST", "/lti/launch", body=body)
        assert status in {200, 303}, status

    def ask(self, method: str, path: str, query: str = "", body: bytes = b"") -> tuple[int, dict[str, str]]:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "HTTP_HOST": "testserver",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0",
            "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9",
            "HTTP_ACCEPT_ENCODING": "gzip, br",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        answered: list[tuple[str, list[tuple[str, str]]]] = []
        begun = time.process_time()
        response = self.handler(environ, lambda status, headers, *_: answered.append((status, headers)))
        b"".join(response)
        response.close()
        self.spent += time.process_time() - begun
        status, headers = answered[0]
        for name, value in headers:
            if name.lower() == "set-cookie":
                for cookie, morsel in SimpleCookie(value).items():
                    self.cookies[cookie] = morsel.value
        return int(status.split()[0]), dict(headers)


if __name__ == "__main__":
    main()
