"""The gate for known weaknesses in what we depend on: `make audit` reads the locked requirements (T75).

It fails for an advisory that nobody accepted, and for an accepted one whose day is past. Where the advisory database
cannot be asked it says so and lets the change through, unless ILP_AUDIT_STRICT is set, as a release sets it.
"""

import json
import os
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
LONGEST_DAYS = 90  # an acceptance may not reach further than this


def troubles(report: dict, accepted: list[dict], today: date) -> list[str]:
    """What must be mended before a change lands, one line each."""
    by_id = {entry["id"]: entry for entry in accepted}
    found = []
    for dependency in report["dependencies"]:
        for advisory in dependency.get("vulns", ()):
            known = next(
                (by_id[name] for name in (advisory["id"], *advisory.get("aliases", ())) if name in by_id), None
            )
            what = f"{dependency['name']} {dependency['version']}: {advisory['id']}"
            mend = f"fixed in {', '.join(advisory['fix_versions'])}" if advisory.get("fix_versions") else "no fix yet"
            if known is None:
                found.append(f"{what}, {mend}")
            elif known["until"] < today:
                found.append(f"{what} was accepted until {known['until']} only, {mend}")
    for entry in accepted:
        if not entry.get("reason", "").strip():
            found.append(f"{entry['id']} is accepted without a reason")
        if (entry["until"] - today).days > LONGEST_DAYS:
            found.append(f"{entry['id']} is accepted for more than {LONGEST_DAYS} days")
    return found


def unasked(report: dict) -> list[str]:
    """Dependencies the advisory database said nothing about."""
    return [dependency["name"] for dependency in report["dependencies"] if "skip_reason" in dependency]


def read(requirements: Path) -> dict | None:
    """What pip-audit says, or None where it could not ask."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(requirements), "--require-hashes", "--disable-pip"]
    options = ["--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=180, check=False)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None


def main() -> int:
    strict = bool(os.environ.get("ILP_AUDIT_STRICT"))
    accepted = tomllib.loads((HERE / "advisories.toml").read_text()).get("accepted", [])
    report = read(HERE / "requirements.txt")
    missing = ["every package"] if report is None else unasked(report)
    if missing:
        print(f"audit: the advisory database could not be asked about {', '.join(missing[:3])}"
              f"{' and others' if len(missing) > 3 else ''}")  # fmt: skip
        if strict:
            return 1
    lines = troubles(report or {"dependencies": []}, accepted, date.today())  # noqa: DTZ011 (a day, wherever this runs)
    print("\n".join(f"audit: {line}" for line in lines) or "audit: nothing known against what could be asked")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
