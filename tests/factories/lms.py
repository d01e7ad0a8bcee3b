"""A gradebook on loopback that speaks AGS and NRPS: right by default, as troublesome as a test wants it.

`with FakeLMS(...) as lms:` runs it in a thread of its own; `python -m tests.factories.lms '{...}'` as a process that
prints where it is. Pages are made once and kept, so that it is never the slow side of a measurement.
"""

import asyncio
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

LIS = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
Intercept = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@dataclass
class FakeLMS:
    """Scores are halves, so that sums are exact. Course, column and member are numbered from 0; 0 teaches nobody."""

    courses: int = 1
    members: int = 3
    items: int = 2
    page: int = 50
    delay: float = 0.0
    throttled: float = 0.0  # share of requests answered 429
    failing: float = 0.0  # share of requests answered 500
    seed: int = 7
    teachers: int = 0  # of the members, the first so many
    client_id: str = "tool-1"
    public_pem: bytes = b""
    token_seconds: int = 3600
    denied: set[str] = field(default_factory=set)  # scopes; a token for one of them and others is refused too
    retry_after: str = ""

    port: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    tokens: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    most_at_once: int = 0
    intercept: Intercept | None = None
    gone: set[str] = field(default_factory=set)  # members who left
    inactive: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._bodies: dict[tuple[Any, ...], bytes] = {}
        self._under_way = 0
        self.scores: dict[tuple[int, int], list[float | None]] = {
            (course, item): [((course * 31 + item * 17 + member * 7) % 201) / 2 for member in range(self.members)]
            for course in range(self.courses)
            for item in range(self.items)
        }

    # What a test asks of it.

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lineitems_url(self, course: int = 0) -> str:
        return f"{self.base}/courses/{course}/lineitems"

    def memberships_url(self, course: int = 0) -> str:
        return f"{self.base}/courses/{course}/memberships"

    def sub(self, course: int, member: int) -> str:
        return f"c{course}-user-{member}"

    def total(self) -> tuple[int, float]:
        """How many scores there are, and their sum."""
        all_of_them = [score for scores in self.scores.values() for score in scores if score is not None]
        return len(all_of_them), sum(all_of_them)

    def set_score(self, course: int, item: int, member: int, score: float | None) -> None:
        self.scores[course, item][member] = score
        self._bodies.clear()

    def change(self, share: float) -> int:
        """Give this share of the scores another value; returns how many."""
        places = [(key, member) for key, scores in self.scores.items() for member in range(len(scores))]
        chosen = random.Random(self.seed + 1).sample(places, round(len(places) * share))
        for key, member in chosen:
            self.scores[key][member] = (self.scores[key][member] or 0.0) + 0.5
        self._bodies.clear()
        return len(chosen)

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()

        async def serve() -> None:
            await self.start()
            ready.set()
            await self._stop.wait()
            await self._runner.cleanup()
            left = asyncio.all_tasks() - {asyncio.current_task()}  # answers nobody waits for any more
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(serve()), daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the LMS did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def start(self) -> None:
        app = web.Application(middlewares=[self._trouble])
        self._routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def _routes(self, app: web.Application) -> None:
        app.router.add_post("/token", self._token)
        app.router.add_get("/courses/{course}/memberships", self._memberships)
        app.router.add_get("/courses/{course}/lineitems", self._line_items)
        app.router.add_get("/courses/{course}/lineitems/{item}/results", self._results)
        app.router.add_post("/change", self._change)
        app.router.add_get("/seen", self._seen)

    # What it answers.

    @web.middleware
    async def _trouble(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path in {"/change", "/seen"}:
            return await handler(request)
        kind = request.path.rsplit("/", 1)[-1]
        self.requests[kind] += 1
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if self.delay:
                await asyncio.sleep(self.delay)
            if self.intercept and (answer := await self.intercept(request)) is not None:
                return answer
            if kind != "token" and request.headers.get("Authorization", "")[7:] not in self.tokens:
                return web.json_response({"error": "invalid_token"}, status=401)
            chance = self._chance.random()
            if chance < self.throttled:
                headers = {"Retry-After": self.retry_after} if self.retry_after else {}
                return web.Response(status=429, text="slow down", headers=headers)
            if chance < self.throttled + self.failing:
                return web.Response(status=500, text="<html>oops</html>")
            return await handler(request)
        finally:
            self._under_way -= 1

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        key = load_pem_public_key(self.public_pem) if self.public_pem else None
        try:
            claims = jwt.decode(
                str(form["client_assertion"]),
                key,
                algorithms=["RS256"],
                audience=f"{self.base}/token",
                options={"verify_signature": key is not None, "require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
            )
        except jwt.PyJWTError:
            return web.json_response({"error": "invalid_client"}, status=400)
        if claims["iss"] != self.client_id or form["grant_type"] != "client_credentials":
            return web.json_response({"error": "invalid_client"}, status=400)
        self.scopes.append(str(form["scope"]))
        if self.denied.intersection(str(form["scope"]).split()):
            return web.json_response({"error": "invalid_scope"}, status=400)
        token = f"token-{len(self.tokens)}-{time.time_ns()}"
        self.tokens.append(token)
        return web.json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds, "scope": form["scope"]}
        )

    async def _memberships(self, request: web.Request) -> web.Response:
        course = int(request.match_info["course"])
        number = int(request.query.get("page", 1))
        everybody = [m for m in range(self.members) if self.sub(course, m) not in self.gone]
        key = ("members", course, number, len(self.gone), len(self.inactive))
        if key not in self._bodies:
            some = everybody[(number - 1) * self.page : number * self.page]
            rows = [
                {
                    "status": "Inactive" if self.sub(course, m) in self.inactive else "Active",
                    "user_id": self.sub(course, m),
                    "name": f"Person {m} of {course}",
                    "email": f"p{m}@school.example",
                    "roles": [LIS + ("Instructor" if m < self.teachers else "Learner")],
                }
                for m in some
            ]
            body = {"id": self.memberships_url(course), "context": {"id": f"course-{course}"}, "members": rows}
            self._bodies[key] = json.dumps(body).encode()
        return self._paged(request, self._bodies[key], number, len(everybody))

    async def _line_items(self, request: web.Request) -> web.Response:
        course = int(request.match_info["course"])
        number = int(request.query.get("page", 1))
        some = range(self.items)[(number - 1) * self.page : number * self.page]
        rows = [
            {
                "id": f"{self.lineitems_url(course)}/{item}",
                "label": f"Activity {item}",
                "scoreMaximum": 100,
                "resourceId": f"activity-{course}-{item}",
                "tag": "grade",
            }
            for item in some
        ]
        return self._paged(request, json.dumps(rows).encode(), number, self.items)

    async def _results(self, request: web.Request) -> web.Response:
        course, item = int(request.match_info["course"]), int(request.match_info["item"])
        number = int(request.query.get("page", 1))
        user = request.query.get("user_id")
        scores = self.scores[course, item]
        key = ("results", course, item, number, user)
        if key not in self._bodies:
            url = f"{self.lineitems_url(course)}/{item}"
            rows = [
                {
                    "id": f"{url}/results/{member}",
                    "userId": self.sub(course, member),
                    "resultScore": scores[member],
                    "resultMaximum": 100,
                    "scoreOf": url,
                }
                for member in range(len(scores))
                if user in (None, self.sub(course, member))
            ]
            self._bodies[key] = json.dumps(rows[(number - 1) * self.page : number * self.page]).encode()
        return self._paged(request, self._bodies[key], number, 1 if user else len(scores))

    def _paged(self, request: web.Request, body: bytes, number: int, rows: int) -> web.Response:
        headers = {}
        if number * self.page < rows:
            headers["Link"] = f'<{self.base}{request.path}?page={number + 1}>; rel="next"'
        return web.Response(body=body, content_type="application/json", headers=headers)

    async def _change(self, request: web.Request) -> web.Response:
        return web.json_response({"changed": self.change(float(request.query["share"]))})

    async def _seen(self, request: web.Request) -> web.Response:
        rows, total = self.total()
        seen = {"requests": self.requests.total(), "most_at_once": self.most_at_once, "tokens": len(self.tokens)}
        self.requests.clear()
        self.most_at_once = 0
        return web.json_response({**seen, "rows": rows, "sum": total})


def key_pair() -> tuple[bytes, bytes]:
    """A fresh RSA pair as PEM: private, public."""
    key: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def write_job(
    folder: Path, lms: FakeLMS, *, pg_dsn: str | None = None, pair: tuple[bytes, bytes] | None = None, **changes: Any
) -> Path:
    """A job file for this LMS in a folder, with a key pair (a fresh one unless given) that the LMS then knows."""
    private, public = pair or key_pair()
    lms.public_pem = public
    (folder / "private.pem").write_bytes(private)
    (folder / "public.pem").write_bytes(public)
    job = {
        "issuer": lms.base,
        "client_id": lms.client_id,
        "deployment_id": "1",
        "token_url": f"{lms.base}/token",
        "jwks_url": f"{lms.base}/jwks",
        "auth_url": f"{lms.base}/auth",
        "key_file": str(folder / "private.pem"),
        "public_key_file": str(folder / "public.pem"),
        "state_dir": str(folder / "state"),
        "pg_dsn": pg_dsn,
        "courses": [
            {
                "context_id": f"course-{course}",
                "lineitems_url": lms.lineitems_url(course),
                "memberships_url": lms.memberships_url(course),
            }
            for course in range(lms.courses)
        ],
        **changes,
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    return path


async def _serve(lms: FakeLMS) -> None:
    await lms.start()
    print(json.dumps({"port": lms.port}), flush=True)
    # Ends with its parent: when nobody reads standard output any more, standard input is closed too.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    settings = json.loads(sys.argv[1])
    public = Path(settings.pop("public_key_file")).read_bytes()
    asyncio.run(_serve(FakeLMS(public_pem=public, **settings)))
