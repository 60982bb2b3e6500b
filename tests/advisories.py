"""Known vulnerabilities from files that OSV publishes, for an audit without a network.

`FOLDER/PyPI/all.zip` and `FOLDER/npm/all.zip` have one JSON file for each advisory
(https://google.github.io/osv.dev/data/, https://ossf.github.io/osv-schema/). They are at
https://osv-vulnerabilities.storage.googleapis.com/, below the same names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from packaging.utils import canonicalize_name
from packaging.version import Version

Key = Callable[[str], Any]
"""What orders the versions of an ecosystem. Raises `ValueError` for a text that is no version."""

_SEMVER = re.compile(
    r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)
_TYPES = {"ECOSYSTEM", "SEMVER"}  # of ranges; those of commits name no version


def semver(text: str) -> tuple[Any, ...]:
    """Return what orders versions of npm (https://semver.org/, section 11).

    >>> semver("1.0.0-rc.2") < semver("1.0.0-rc.10") < semver("1.0.0-rc.x") < semver("1.0.0")
    True
    """
    found = _SEMVER.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no version")
    numbers = [int(one or 0) for one in found.groups()[:3]]
    parts = (found[4] or "").split(".") if found[4] else []
    before = tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in parts)
    return (*numbers, not before, before)


KEYS: dict[str, Key] = {"PyPI": Version, "npm": semver}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """An advisory about a version, and the versions in which it is fixed."""

    id: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as a line of an audit has it."""
        fixed = " or ".join(self.fixed)
        return f"{self.id}, {f'fixed in {fixed}' if fixed else 'not fixed'}"


class Advisories:
    """The advisories of an ecosystem in a folder, about some packages."""

    def __init__(self, folder: Path, ecosystem: str, names: Iterable[str]) -> None:
        """Read the file. Raises `ValueError` or `OSError` if it has no advisories to be read."""
        self._ecosystem = ecosystem
        self._by_name: dict[str, list[dict[str, Any]]] = {self._name(name): [] for name in names}
        self.newest = datetime.min.replace(tzinfo=UTC)
        for one in _read(folder / ecosystem / "all.zip"):
            self.newest = max(self.newest, datetime.fromisoformat(one["modified"]))
            if not one.get("withdrawn"):
                self._add(one)

    def age(self, now: datetime) -> str:
        """Return the age of the newest advisory, in words."""
        return f"newest advisory of {self.newest:%Y-%m-%d}, {(now - self.newest).days} days old"

    def about(self, name: str, version: str) -> list[Vulnerability]:
        """Return what is known about a version, each once, whatever names it has.

        Raises `ValueError` if the version, or one of an advisory, cannot be compared.
        """
        key, known, found = KEYS[self._ecosystem], set[str](), list[Vulnerability]()
        for one in self._by_name[self._name(name)]:
            affected = [*self._affecting(one, name, version, key)]
            names = {one["id"], *one.get("aliases", ())}
            if affected and not names & known:
                fixed = dict.fromkeys(text for each in affected for text in each)
                found.append(Vulnerability(id=one["id"], fixed=tuple(fixed)))
            known |= names if affected else set()
        return found

    def _add(self, one: dict[str, Any]) -> None:
        about = {
            self._name(part["package"]["name"])
            for part in one.get("affected", ())
            if part.get("package", {}).get("ecosystem") == self._ecosystem
        }
        for name in about & self._by_name.keys():
            self._by_name[name].append(one)

    def _affecting(
        self, one: dict[str, Any], name: str, version: str, key: Key
    ) -> Iterator[list[str]]:
        """Yield the versions with a fix for each part of an advisory that is about a version."""
        for part in one["affected"]:
            package = part.get("package", {})
            is_other = self._name(package.get("name", "")) != self._name(name)
            if is_other or package.get("ecosystem") != self._ecosystem:
                continue
            ranges = [each for each in part.get("ranges", ()) if each["type"] in _TYPES]
            within = [each for each in ranges if _is_within(each["events"], version, key)]
            if within or _is_listed(part.get("versions", ()), version, key):
                events = (event for each in within or ranges for event in each["events"])
                yield [event["fixed"] for event in events if "fixed" in event]

    def _name(self, text: str) -> str:
        return canonicalize_name(text) if self._ecosystem == "PyPI" else text


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with ZipFile(path) as file:
            names = [name for name in file.namelist() if name.endswith(".json")]
            for name in names:
                yield json.loads(file.read(name))
    except BadZipFile as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not names:
        raise ValueError(f"{path} has no advisories")


def _is_within(events: Iterable[dict[str, str]], version: str, key: Key) -> bool:
    """Return whether a version is in a range (OSV schema, "Evaluation")."""
    own, is_affected, limits = key(version), False, list[str]()
    for kind, text in sorted(
        ((kind, text) for event in events for kind, text in event.items()),
        key=lambda one: (one[1] not in {"0", "*"}, key("0" if one[1] == "*" else one[1])),
    ):
        if kind == "introduced" and (text == "0" or own >= key(text)):
            is_affected = True
        elif (kind == "fixed" and own >= key(text)) or (
            kind == "last_affected" and own > key(text)
        ):
            is_affected = False
        elif kind == "limit":
            limits.append(text)
    is_before = any(text == "*" or own < key(text) for text in limits)
    return is_affected and (is_before or not limits)


def _is_listed(versions: Iterable[str], version: str, key: Key) -> bool:
    own = key(version)
    for text in versions:
        try:
            if text == version or key(text) == own:
                return True
        except ValueError:  # of before PEP 440
            continue
    return False
