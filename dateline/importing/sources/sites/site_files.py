"""Files of an imported site: regular ones of a limited size, and none outside the site.

The site may come from anybody. A link in it could lead to any file of this machine, a pipe would
be waited for without end, and what was checked under a name may be another file when it is opened.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath

from dateline.system import safe_files

_MOST_PATTERNS = 200


def read(path: Path, root: Path, most: int) -> bytes:
    """Return the bytes of a file of the site whose folder is `root`.

    Raises `OSError` where there is none, where it is no regular file or a link that leads out of
    the site, and where it has more than `most` bytes.
    """
    try:
        inside = path.relative_to(root).as_posix()
    except ValueError as error:
        raise OSError(errno.EACCES, "leads outside the folder", path.name) from error
    data, _ = safe_files.read(str(root), inside, most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most} bytes", path.name)
    return data


def text(path: Path, root: Path, most: int) -> str:
    """Return the text of a file of the site; empty for one that `read` refuses."""
    try:
        return read(path, root, most).decode("utf-8", errors="replace")
    except OSError:
        return ""


def is_ignored(path: PurePosixPath, patterns: Iterable[str]) -> bool:
    """Return whether a path is one that a file like `.gitignore` names; a later line overrides.

    >>> is_ignored(PurePosixPath("posts/plan/a.md"), ["posts/*", "!a.md", "plan/"])
    True
    """
    found = False
    for line in islice(patterns, _MOST_PATTERNS):
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            is_named = _is_named(path, pattern.removeprefix("!"))
            found = not pattern.startswith("!") if is_named else found
    return found


def _is_named(path: PurePosixPath, pattern: str) -> bool:
    """Return whether a pattern names a file or a folder above it; `**/` may stand for no folder."""
    places = path.parents if pattern.endswith("/") else (path, *path.parents)
    bare = pattern.removeprefix("./").rstrip("/")
    if "**/" in bare:
        ends = "/" * pattern.endswith("/")
        ways = (f"{bare.replace('**/', way)}{ends}" for way in ("*/", ""))
        return any(_is_named(path, way) for way in ways)
    if "/" not in bare:
        return any(fnmatchcase(place.name, bare) for place in places if place.name)
    bare = bare.removeprefix("/")
    return any(
        fnmatchcase(f"/{place.as_posix()}" if bare[0:1] == "*" else place.as_posix(), bare)
        for place in places
    )
