"""Hugo: the pages of a site that it never makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from dateline.entries.parse import kept_back
from dateline.errors import FetchError
from dateline.importing.sources.foreign_patterns import ForeignPatterns
from dateline.importing.sources.sites import front_matter, site_files
from dateline.importing.sources.sites.front_matter import is_true, line, lines, table
from dateline.importing.sources.sites.permalinks import Content
from dateline.text.expressions import regex

_LARGEST = 500_000  # bytes of a page of a section
_MOST_PATTERNS = 200
_TARGETS = frozenset({"target", "_target"})
_CHOICE = regex(r"\{([^{}]*)\}")


class HiddenPages:
    """Tells which pages of a site are never made: by their fields, sections, or its settings."""

    def __init__(self, settings: Mapping[str, Any], root: Path) -> None:
        self._settings = settings
        self._root = root
        self._patterns = ForeignPatterns()
        self._known: dict[Path, list[Mapping[str, Any]]] = {}
        off = settings.get("disablelanguages")
        self._off = {line(one).lower() for one in (off if isinstance(off, list) else ())}
        for name, own in table(settings.get("languages")).items():
            self._off |= {name} if table(own).get("disabled") is True else set()

    def __call__(self, content: Content, path: PurePosixPath, fields: Mapping[str, Any]) -> bool:
        """Return whether no feed has a page of a file, by its path and fields."""
        file = content.folder / path.relative_to(content.below or ".")
        found = {**self.inherited(file, path), **fields}
        build = table(found.get("build") or found.get("_build"))
        return (
            is_true(found.get("draft"))
            or is_true(found.get("headless"))
            or any(
                build.get(name) is False or line(build.get(name)).lower() == "never"
                for name in ("render", "list")  # a page in no list is in no feed
            )
            or any(kept_back.is_hidden(str(name), found[name]) for name in found)
            or (path.stem.partition(".")[1] and path.suffixes[-2][1:].lower() in self._off)
            or self._is_ignored(file)
            or self._is_left_out(file)
        )

    def inherited(self, file: Path, path: PurePosixPath) -> dict[str, Any]:
        """Return the fields that the settings and the sections above hand down to a page."""
        found: dict[str, Any] = {}
        sections = (one for one in reversed(file.parents) if one.is_relative_to(self._root))
        for cascade in (_cascades(self._settings), *map(self._below, sections)):
            for one in cascade:
                found |= one if _is_target(path, one) else {}
        return {name: value for name, value in found.items() if name not in _TARGETS}

    def _below(self, section: Path) -> list[Mapping[str, Any]]:
        """Return what the page of a section hands down to the pages below."""
        if section not in self._known:
            self._known[section] = [
                one for page in sorted(section.glob("_index.*")) for one in self._of_page(page)
            ]
        return self._known[section]

    def _of_page(self, page: Path) -> list[Mapping[str, Any]]:
        try:
            data = site_files.read(page, self._root, _LARGEST)
            matter = front_matter.split(data, page.name)
        except (OSError, FetchError):
            return []
        return _cascades(lowered(matter.fields)) if matter else []

    def _is_ignored(self, file: Path) -> bool:
        name = f"/{file.relative_to(self._root).as_posix()}"
        ignored = self._settings.get("ignorefiles")
        return any(
            self._patterns.replaced(pattern, "", name) not in {name, None}
            for pattern in (ignored if isinstance(ignored, list) else ())[:_MOST_PATTERNS]
            if isinstance(pattern, str)
        )

    def _is_left_out(self, file: Path) -> bool:
        """Return whether the mount of a file leaves it out: Hugo then reads it from nowhere."""
        mounts = table(self._settings.get("module")).get("mounts")
        found = False
        for mount in map(lowered, map(table, mounts if isinstance(mounts, list) else ())):
            folder = (self._root / line(mount.get("source"))).resolve()
            is_content = line(mount.get("target")).partition("/")[0] == "content"
            if not (is_content and file.is_relative_to(folder)):
                continue
            inside = file.relative_to(folder)
            files = lines(mount.get("files"))
            out = *lines(mount.get("excludefiles")), *(one[1:] for one in files if one[:1] == "!")
            only = *lines(mount.get("includefiles")), *(one for one in files if one[:1] != "!")
            if not _is_among(inside, out) and (not only or _is_among(inside, only, is_exact=True)):
                return False
            found = True
        return found


def _is_among(path: PurePath, patterns: Iterable[str], *, is_exact: bool = False) -> bool:
    """Return whether a pattern has a file or a folder above it.

    Where it `is_exact`, `*` fits one name only, as in Hugo; otherwise it errs on the side of a fit.
    """
    places = [path.as_posix(), *(place.as_posix() for place in path.parents if place.name)]
    return any(
        (_is_match(place.lower(), bare) or _is_match(f"/{place}".lower(), bare))
        and (not is_exact or "**" in bare or bare.count("/") == place.count("/"))
        for pattern in islice(patterns, _MOST_PATTERNS)
        if (bare := pattern.strip().removeprefix("/"))
        for place in places
    )


def _cascades(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the tables of a `cascade`, which is one or a list."""
    found = fields.get("cascade")
    return [lowered(table(one)) for one in (found if isinstance(found, list) else [found])]


def _is_target(path: PurePosixPath, cascade: Mapping[str, Any]) -> bool:
    """Return whether a cascade is for a page at this path, as far as its target can be read."""
    target = table(cascade.get("target") or cascade.get("_target"))
    place = path.parent if path.stem == "index" else path.with_suffix("")
    return (
        _is_match("page", target.get("kind"))
        and _is_match("production", target.get("environment"))
        and _is_match(f"/{place.as_posix()}".lower(), target.get("path"))
    )


def _is_match(text: str, wanted: object) -> bool:
    """Return whether a text fits a pattern, which may have `{one,another}`; any fits none."""
    patterns = [line(wanted).lower().replace("**", "*") or "*"]
    while found := _CHOICE.search(patterns[0]):
        pattern = patterns.pop(0)
        patterns += [
            pattern[: found.start()] + one + pattern[found.end() :] for one in found[1].split(",")
        ]
        if len(patterns) > _MOST_PATTERNS:
            return True
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def lowered(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with lower-case keys at all depths: Hugo ignores their case."""
    return {
        str(key).lower(): lowered(inner) if isinstance(inner, dict) else inner
        for key, inner in value.items()
    }
