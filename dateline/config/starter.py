"""A new publication: its first files, written all or none."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

from dateline import config as configuration
from dateline.config.values import folder_address, language_tag, one_line, tag_authority, zone_of
from dateline.entries.fields import write_schema
from dateline.errors import ConfigError, DatelineError
from dateline.messages import program
from dateline.messages.catalogues import translated
from dateline.text.toml import quoted

CONFIG, ENTRIES, GITIGNORE = "config.toml", "entries", ".gitignore"
_MADE_LATER = ("feeds", "state")
# The entry that every publication begins with.
ENGLISH: Mapping[str, str] = {
    "title": "Welcome",
    "first": (
        "This is the first entry. Change its file, {file}, and this page follows; delete the file, "
        "and the page is withdrawn."
    ),
    "next": "Put another file beside it, and it is the next entry.",
}
_CONFIG = """\
# The configuration of a publication, in TOML (https://toml.io).
# A key that is left out has its default.
# The config.toml in Dateline's source code describes all keys.
# The command `check` reports all faults of this file at once.

[publication]
title = {title}

# The address that readers use.
url = {url}

# The language of entries that name none.
language = {language}

# The beginning of every id: a domain that was yours on that date (RFC 4151).
# Never change it once you have readers.
tag = {tag}

# The time zone of dates and times that name none.
time_zone = {time_zone}

# The first feed, and its page is the front page. For a feed of a topic, add another [[feed]].
[[feed]]
name = "news"
"""
_ENTRY = '''\
#:schema ./entry.schema.json

title = {title}
date = {today}

body = """
{first}

{next}
"""
'''
_IGNORED = "/feeds/\n/state/\n*.problem.txt\n"


def _tag(text: str) -> str:
    """Return the authority of `tag:` URIs, with a day that exists.

    `config.toml` may have others: ids that readers know begin with them.
    """
    tag = tag_authority(text)
    day = tag.rpartition(",")[2]
    try:
        date.fromisoformat(day + "-01-01"[len(day) - len("2008") :])
    except ValueError as error:
        raise ValueError('must end in a day that exists, like "example.org,2008-11-25"') from error
    return tag


# A value of `config.toml`, or `ValueError` with the end of a sentence that begins with the key.
_CHECKS: Mapping[str, Callable[[str], object]] = {
    "title": one_line,
    "url": folder_address,
    "language": language_tag,
    "tag": _tag,
    "time_zone": zone_of,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterValues:
    """The values of `[publication]` that a new `config.toml` has, as `checked` returns them."""

    title: str
    url: str
    language: str
    tag: str
    time_zone: str


def checked(key: str, text: str) -> str:
    """Return a value of `[publication]` as `config.toml` has it.

    Raises `ValueError` with the end of a sentence that begins with the value.

    >>> checked("url", "https://example.org")
    'https://example.org/'
    """
    return str(_CHECKS[key](text.strip()))


def verify_is_free(folder: Path) -> None:
    """Raise `DatelineError` where no publication can begin in this folder."""
    with _readable_errors(folder):
        # Links in a circle: `Path.resolve` before Python 3.13 raises `RuntimeError` for them.
        with suppress(FileNotFoundError, NotADirectoryError):
            folder.stat()
        for path in (folder, *folder.parents):
            if path.exists() and not path.is_dir():
                raise DatelineError(f"{path} is a file. {_instead(path)}")
        there = [
            name
            for name in (CONFIG, ENTRIES, GITIGNORE, *_MADE_LATER)
            if os.path.lexists(folder / name)
        ]
        if there:
            raise DatelineError(f"{folder} has {' and '.join(there)} already. {_instead(folder)}")
        if around := _around(folder.resolve()):
            raise DatelineError(
                f"{folder} is within {around}, which belongs to another publication. Nothing was "
                "written. Name a folder elsewhere."
            )


def write(folder: Path, beginning: StarterValues, today: date) -> tuple[str, ...]:
    """Write a new publication with a first entry of `today`, and return the paths of its files.

    The files are written beside their places and then moved. Raises `DatelineError` where the
    folder is not free or cannot be written to; then nothing was written.
    """
    verify_is_free(folder)
    target = folder.resolve()
    with _readable_errors(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(mkdtemp(prefix=".dateline-", dir=target if target.exists() else target.parent))
        try:
            # `mkdtemp` makes a folder for this user alone; the one in it has the usual rights.
            made = aside / "publication"
            _fill(made, beginning, today)
            names = tuple(
                path.relative_to(made).as_posix()
                for path in sorted(made.rglob("*"))
                if path.is_file()
            )
            move(made, target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return names


def move(made: Path, target: Path) -> None:
    """Move a publication to its place: `config.toml` last, or nothing. Raises `OSError`."""
    if not target.exists():
        made.rename(target)
        return
    moved: list[str] = []
    try:
        for name in (ENTRIES, GITIGNORE, CONFIG):
            (made / name).rename(target / name)
            moved.append(name)
    except BaseException:
        for name in moved:
            (target / name).rename(made / name)
        raise


def _fill(made: Path, beginning: StarterValues, today: date) -> None:
    entries = made / ENTRIES
    entries.mkdir(parents=True)
    write_schema(entries)
    values = {key: quoted(value) for key, value in asdict(beginning).items()}
    _write(made / CONFIG, _CONFIG.format(**values))
    _write(made / GITIGNORE, _IGNORED)
    name = f"{today}-welcome.toml"
    _write(entries / name, _welcome(name, beginning.language, today))


def _welcome(name: str, language: str, today: date) -> str:
    """Return the first entry, in the publication's language where there is a translation."""
    spoken = language.partition("-")[0]
    text = {key: translated(text, spoken, f"welcome.{key}") for key, text in ENGLISH.items()}
    file = f"`{ENTRIES}/{name}`"
    return _ENTRY.format(
        title=quoted(text["title"]),
        today=today,
        first=text["first"].format(file=file),
        next=text["next"],
    )


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _around(folder: Path) -> Path | None:
    """Return the folder of another publication's files that this one lies in."""
    for above in folder.parents:
        if (above / CONFIG).is_file():
            for taken in _folders(above):
                if folder.is_relative_to(taken):
                    return taken
    return None


def _folders(publication: Path) -> Iterator[Path]:
    try:
        read = configuration.load(publication / CONFIG, with_theme=False)
    except ConfigError:
        yield from (publication / name for name in (ENTRIES, *_MADE_LATER))
    else:
        yield from (read.entries, read.feeds_folder, read.state)


def _instead(folder: Path) -> str:
    number = 2
    while os.path.lexists(f"{folder.resolve()}-{number}"):
        number += 1
    name = f"{folder}-{number}" if folder.name else f"{folder.resolve()}-{number}"
    command = f"{program.name()} init {shlex.quote(name)}"
    return f"Nothing was written. Name a new folder, such as: {command}"


@contextmanager
def _readable_errors(folder: Path) -> Iterator[None]:
    """Raise a `DatelineError` for what the system refuses."""
    try:
        yield
    except OSError as error:
        raise DatelineError(
            f"{folder}: {error.strerror}. Nothing was written. Name a folder that you can write to."
        ) from error
