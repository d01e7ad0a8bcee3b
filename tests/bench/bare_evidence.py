"""The contender of tests/bench/evidence.py: nothing but a loop that fetches and stores.

No validation, no people, no history, no failure kept: each page is retried until it comes, and its rows are upserted
in bulk as they are. What it needs is about what the wire and the database cost.
"""

import argparse
import asyncio
import json
import random
import time
import uuid
from pathlib import Path
from typing import Any

import aiohttp
import jwt

AT_ONCE = 16
TABLE = """CREATE TABLE result (
    item TEXT, person TEXT, score DOUBLE PRECISION, maximum DOUBLE PRECISION, PRIMARY KEY (item, person))"""
UPSERT = """INSERT INTO result VALUES (?, ?, ?, ?)
    ON CONFLICT (item, person) DO UPDATE SET score = excluded.score, maximum = excluded.maximum"""


class Store:
    """A table of results in SQLite or PostgreSQL, written an item at a time."""

    def __init__(self, job: dict[str, Any]) -> None:
        if job["pg_dsn"]:
            import psycopg

            self.db: Any = psycopg.connect(job["pg_dsn"])
        else:
            import sqlite3

            Path(job["state_dir"]).mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(Path(job["state_dir"]) / "bare.sqlite3", check_same_thread=False)
            self.db.execute("PRAGMA journal_mode=WAL")
            self.db.execute("PRAGMA synchronous=NORMAL")
        self.mark = "%s" if job["pg_dsn"] else "?"
        self.db.execute(TABLE)
        self.db.commit()

    def write(self, rows: list[tuple[Any, ...]]) -> None:
        self.db.cursor().executemany(UPSERT.replace("?", self.mark), rows)
        self.db.commit()

    def total(self) -> tuple[int, float]:
        rows, total = self.db.cursor().execute("SELECT count(*), sum(score) FROM result").fetchone()
        return rows, total


async def main(job: dict[str, Any]) -> None:
    store, places, writing = Store(job), asyncio.Semaphore(AT_ONCE), asyncio.Lock()
    members = items = 0
    async with aiohttp.ClientSession() as session:
        now = int(time.time())
        claims = {
            "iss": job["client_id"], "sub": job["client_id"], "aud": job["token_url"], "iat": now, "exp": now + 60,
            "jti": uuid.uuid4().hex,
        }  # fmt: skip
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, Path(job["key_file"]).read_bytes(), "RS256"),
            "scope": "results",
        }
        async with session.post(job["token_url"], data=form) as answer:
            headers = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}

        async def pages(url: str | None) -> list[Any]:
            found = []
            while url:
                async with places, session.get(url, headers=headers) as answer:
                    if answer.status == 200:
                        found.append(json.loads(await answer.read()))
                        following = answer.links.get("next")
                        url = str(following["url"]) if following else None
                        continue
                await asyncio.sleep(random.uniform(0, 0.1))
            return found

        async def item(line_item: dict[str, Any]) -> None:
            rows = [
                (line_item["id"], row["userId"], row["resultScore"], row["resultMaximum"])
                for page in await pages(line_item["id"] + "/results")
                for row in page
            ]
            async with writing:
                await asyncio.to_thread(store.write, rows)

        async def course(described: dict[str, Any]) -> None:
            nonlocal members, items
            roster, listing = await asyncio.gather(
                pages(described["memberships_url"]), pages(described["lineitems_url"])
            )
            members += sum(len(page["members"]) for page in roster)
            columns = [row for page in listing for row in page]
            items += len(columns)
            left = iter(columns)

            async def walker() -> None:
                for line_item in left:
                    await item(line_item)

            await asyncio.gather(*(walker() for _ in range(AT_ONCE)))

        await asyncio.gather(*(course(described) for described in job["courses"]))
    rows, total = store.total()
    print(json.dumps({"rows": rows, "members": members, "items": items, "sum": total}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", type=Path, required=True)
    asyncio.run(main(json.loads(parser.parse_args().job.read_text())))
