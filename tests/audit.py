"""Known vulnerabilities of everything that is locked (`make audit`).

pip-audit asks PyPI about each version of `requirements/`: Dateline's libraries, and the tools that
build, test and release it. `npm audit` asks npm about the programs of `tests/outside/`.
Another server that answers as osv.dev does, such as a mirror: `make audit OSV=URL`. Without a
network, by files that OSV publishes: `make audit DATA=FOLDER` (`advisories`).

Ends with 1 if a vulnerability is known, and with 2 if a service gave no answer, or a file cannot be
read: nothing is known then, and the output says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from advisories import Advisories
from support import locks
from support.paths import ROOT

PROGRAMS = ("tests/outside", "tests/outside/eleventy")
_SHOWN = 5  # of the versions without an answer
_TOOL = ROOT / ".cache/audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the services answered about one set of versions."""

    asked: str  # in words, such as "206 versions of requirements/"
    known: tuple[str, ...] = ()  # a line for each vulnerability
    unanswered: tuple[str, ...] = ()


def of_libraries(folder: Path = locks.FOLDER, osv: str = "") -> Outcome:
    """Ask pip-audit about each version in the locks of a folder, once."""
    found = _versions(folder)
    known, unanswered = list[str](), list[str]()
    for versions in _rounds(found):
        for name, answer in _asked(versions, osv):
            where = ", ".join(found[name, versions[name]])
            line = f"{name} {versions[name]} ({where})"
            if "vulns" not in answer:
                unanswered.append(f"{line}: {answer['skip_reason']}")
            known += [f"{line}: {_described(one)}" for one in answer.get("vulns", ())]
    return Outcome(
        asked=f"{len(found)} versions of {folder.name}/",
        known=tuple(known),
        unanswered=tuple(unanswered),
    )


def of_programs(folder: str) -> Outcome:
    """Ask npm about the packages of a `package-lock.json`."""
    asked, command = (
        f"{folder}/package-lock.json",
        ["npm", "audit", "--package-lock-only", "--json"],
    )
    try:
        done = subprocess.run(
            command, cwd=ROOT / folder, capture_output=True, text=True, check=False
        )
        answer = json.loads(done.stdout or "{}")
    except (OSError, ValueError) as error:
        return Outcome(asked=asked, unanswered=(f"{asked}: {error}",))
    if "vulnerabilities" not in answer:
        reason = answer.get("message") or (done.stderr.strip().splitlines() or ["no answer"])[0]
        return Outcome(asked=asked, unanswered=(f"{asked}: {reason}",))
    return Outcome(asked=asked, known=tuple(_of_npm(asked, answer["vulnerabilities"].values())))


def by_data(data: Path, now: datetime, folder: Path = locks.FOLDER) -> Iterator[Outcome]:
    """Look up each locked version and package in files of OSV."""
    found = _versions(folder)
    wheres = {one: ", ".join(names) for one, names in found.items()}
    yield _looked_up(f"{len(found)} versions of {folder.name}/", data, "PyPI", wheres, now)
    for program in PROGRAMS:
        lock = f"{program}/package-lock.json"
        packages = dict.fromkeys(_packages(ROOT / lock), lock)
        yield _looked_up(lock, data, "npm", packages, now)


def _looked_up(
    asked: str, data: Path, ecosystem: str, wheres: Mapping[tuple[str, str], str], now: datetime
) -> Outcome:
    known, unanswered = list[str](), list[str]()
    try:
        found = Advisories(data, ecosystem, (name for name, _ in wheres))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Outcome(asked=asked, unanswered=(f"{asked}: {error}",))
    for (name, version), where in wheres.items():
        line = f"{name} {version} ({where})"
        try:
            known += [f"{line}: {one}" for one in found.about(name, version)]
        except (ValueError, KeyError, TypeError) as error:
            unanswered.append(f"{line}: {error}")
    return Outcome(
        asked=f"{asked} ({found.age(now)})", known=tuple(known), unanswered=tuple(unanswered)
    )


def _packages(lock: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the version of each package in a `package-lock.json`."""
    for place, package in json.loads(lock.read_text("utf-8"))["packages"].items():
        if place and not package.get("link"):
            name = package.get("name") or place.rpartition("node_modules/")[2]
            yield name, package["version"]


def report(outcomes: Iterable[Outcome]) -> tuple[str, int]:
    """Return what is printed, and the status that the command ends with."""
    outcomes = tuple(outcomes)
    known = [line for one in outcomes for line in one.known]
    unanswered = [line for one in outcomes for line in one.unanswered]
    lines = [f"Known vulnerability: {line}" for line in known]
    lines += [f"No answer: {line}" for line in unanswered[:_SHOWN]]
    for one in outcomes:
        result = f"{len(one.known)} known vulnerabilities"
        if one.unanswered:
            result += f"; no answer about {len(one.unanswered)}, so this audit is incomplete"
        lines.append(f"{one.asked}: {result}")
    return "\n".join(lines), 1 if known else 2 if unanswered else 0


def _versions(folder: Path) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for lock in sorted(folder.glob("*.txt")):
        for one in locks.read(lock):
            found.setdefault((one.name, one.version), []).append(lock.name)
    return found


def _rounds(found: Iterable[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Yield sets of versions in which each name occurs once, as pip-audit wants them."""
    left = [*found]
    while left:
        versions = dict(reversed(left))
        yield versions
        left = [(name, version) for name, version in left if versions[name] != version]


def _asked(versions: dict[str, str], osv: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each name with the answer, or with a `skip_reason` where there is none.

    The versions are listed without their platforms: pip-audit leaves out those of others.
    """
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("".join(f"{name}=={at}\n" for name, at in versions.items()), "utf-8")
        command = [sys.executable, "-W", "ignore", "-m", "pip_audit", "--format=json"]
        command += ["--no-deps", "--disable-pip", "--progress-spinner=off", f"--cache-dir={folder}"]
        command += ["--vulnerability-service=osv", f"--osv-url={osv}"] if osv else []
        done = subprocess.run(
            [*command, f"--requirement={listed}"],
            env={**os.environ, "PYTHONPATH": str(_TOOL)},
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        answers = {one["name"]: one for one in json.loads(done.stdout)["dependencies"]}
    except ValueError:
        answers = {}
    reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
    for name in versions:
        yield name, answers.get(name, {"skip_reason": reason})


def _described(vulnerability: dict[str, Any]) -> str:
    fixed = " or ".join(vulnerability["fix_versions"])
    return f"{vulnerability['id']}, {f'fixed in {fixed}' if fixed else 'not fixed'}"


def _of_npm(asked: str, packages: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each advisory; a package that only requires such a package has none."""
    for package in packages:
        for advisory in package["via"]:
            if isinstance(advisory, dict):
                yield f"{package['name']} {package['range']} ({asked}): {advisory['title']}"


def main(data: str = "", osv: str = "") -> tuple[str, int]:
    """Audit by the files in a folder, or else by services."""
    if data:
        return report(by_data(Path(data), datetime.now(UTC)))
    return report([of_libraries(osv=osv), *map(of_programs, PROGRAMS)])


if __name__ == "__main__":
    text, status = main(os.environ.get("DATA", ""), os.environ.get("OSV", ""))
    sys.stdout.write(f"{text}\n")
    sys.exit(status)
