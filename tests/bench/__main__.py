"""`make bench`: every benchmark once, each in its own process, its figures as one JSON line.

Nothing here asserts a time: the machine decides those. What is compared is a ratio of medians taken in one run.
"""

import json
import subprocess
import sys

BENCHMARKS = {
    "launch": "a returning user's launch against a bare Django view with the same checks",
    "peer_launch": "whole launches a second against a plain PyLTI1p3 Django app",
    "panel": "the panel's first load: bytes over the wire and SQL statements",
    "scale": "the pages of a school of 2,000 students with three years of plans (PostgreSQL: ILP_BENCH_PG)",
    "evidence": "200,000 results from a slow, faulty gradebook against a bare loop",
}


def main() -> int:
    """Run them all, or those named; exit 1 when one of them could not be measured."""
    failed = False
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"== {name}: {BENCHMARKS[name]}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"tests.bench.{name}"], stdout=subprocess.PIPE, text=True, check=False
        )
        lines = done.stdout.strip().splitlines()
        if done.returncode or not lines:
            print(f"could not be measured (exit {done.returncode})")
            failed = True
            continue
        for key, value in json.loads(lines[-1]).items():
            print(f"{key:>40}  {value}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
