"""The file of a new entry: its text and its name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path, PurePosixPath

from dateline.entries.fields import FIELDS, LISTS, REQUIRED, SCHEMA_NAME, Field, write_schema
from dateline.entries.filenames import (
    is_entry,
    is_plain,
    is_skipped,
    likenesses,
    name_key,
    names_of,
)
from dateline.errors import IntakeError
from dateline.messages import program
from dateline.model import Kind
from dateline.text.characters import clean_text
from dateline.text.toml import block, quoted
from dateline.text.urls import slugify

TITLE = "Write the title here"
BODY = "Write the text here."
NEXT = f'Open it, write your text in the place of "{BODY}", and save it: until then it is held.'

_EXPIRES_AFTER = timedelta(days=30)
_COLUMN = 46
# A file with such a word in its name is taken for a conflict copy (`dateline.entries.filenames`).
_NO_NAMES = frozenset({"conflict", "conflicted"})
_FIRST: Mapping[Kind, tuple[str, ...]] = {
    "news": (),
    "event": ("event", "place"),
    "publication": ("attachments",),
}
_LATER = ("correction", "updated", "status", "retraction")
_TEXT = """\
#:schema {schema}
# Text after a # is ignored. To use one of these lines, remove the # before it.

title = {title}
date = {day}  # {date}
{first}
{others}

# Only once it is out:
{later}

# {body}
body = {text}
"""


def write(folder: Path, title: str, *, kind: Kind, today: date, within: str = "") -> Path:
    """Write a new entry into `within`, a folder below `folder`, and return its path.

    No file is overwritten; the schema in `folder` is brought up to date. Raises `IntakeError` for
    an empty title, a folder that is none, and one that may not be written to.
    """
    line = " ".join(clean_text(title).split())
    if not line:
        raise IntakeError(
            "The title is empty. Write it between quotes: "
            f'{program.name()} new "Report on Lebanon".'
        )
    place = below(folder, within)
    text = template(line, kind=kind, today=today, depth=len(place.parts))
    try:
        write_schema(folder)
        (folder / place).mkdir(parents=True, exist_ok=True)
        return _written(folder / place, today, _words(line), text)
    except OSError as error:
        raise IntakeError(
            f"{folder / place}: {error.strerror}. Nothing was written. Make the folder, or have "
            "it made yours to write in."
        ) from error


def template(title: str, *, kind: Kind, today: date, depth: int = 0) -> str:
    """Return the text of a new entry that lies `depth` folders below the schema."""
    return filled({"title": quoted(title)}, kind=kind, today=today, depth=depth)


def filled(values: Mapping[str, str], *, kind: Kind, today: date, depth: int = 0) -> str:
    """Return the text of a new entry with these values, as TOML; other fields are offered."""
    known = {field.name: field for field in FIELDS}
    first = _FIRST[kind]
    others = [name for name in known if name not in {*REQUIRED, *first, *_LATER}]

    def line(name: str) -> str:
        value = values.get(name)
        return f"{name} = {value}" if value else _offered(known[name], today)

    return _TEXT.format(
        schema=("../" * depth or "./") + SCHEMA_NAME,
        title=values["title"],
        day=values.get("date", today),
        date=known["date"].help,
        first="".join(
            f"{line(name)}\n" if name in values else _empty(known[name]) for name in first
        ),
        others="\n".join(map(line, others)),
        later="\n".join(map(line, _LATER)),
        body=known["body"].help,
        text=values.get("body", block(BODY)),
    )


def _empty(field: Field) -> str:
    value = "[]" if field.name in LISTS else '""'
    return f"{field.name} = {value}  # {field.help}, such as {field.example}\n"


def _offered(field: Field, today: date) -> str:
    """Return a field as a line that is commented out, with days that would be valid today."""
    days = {"updated": today, "expires": today + _EXPIRES_AFTER}
    value = days.get(field.name, field.example)
    return f"# {field.name} = {value}  ".ljust(_COLUMN) + f"# {field.help}"


def _words(title: str) -> str:
    words = (word for word in slugify(title).split("-") if word not in _NO_NAMES)
    return "-".join(words) or "entry"


def below(folder: Path, within: str) -> PurePosixPath:
    """Return `within` as a path below `folder` that entries are read from.

    Raises `IntakeError`.
    """
    path = PurePosixPath(within.replace("\\", "/"))
    if (
        path.is_absolute()
        or any(is_skipped(part) or not is_plain(part) for part in path.parts)
        or (folder / path).resolve() != folder.resolve() / path
    ):
        raise IntakeError(
            f"{within} is no folder that entries are read from. Name one below the entries "
            "folder, in plain letters: --folder 2026/events."
        )
    return path


def _written(folder: Path, today: date, words: str, text: str) -> Path:
    """Write `text` under the first name that is free; what cannot be written leaves no file."""
    for name in _free(folder, today, words):
        path = folder / name
        with suppress(FileExistsError):
            file = path.open("xb")
            try:
                with file:
                    file.write(text.encode())
            except OSError:
                path.unlink(missing_ok=True)
                raise
            return path
    raise AssertionError  # there is always another number


def free_names(folder: Path, title: str, day: date) -> Iterator[str]:
    """Yield names for a new entry of this title and day that no file of the folder has.

    Raises `OSError`.
    """
    return _free(folder, day, _words(title))


def _free(folder: Path, today: date, words: str) -> Iterator[str]:
    """Yield names that no file here has, in any spelling.

    A name is passed over if it, or a file here, would look like a copy
    (`dateline.entries.duplicates`).
    """
    there = {name_key(path.name) for path in folder.iterdir()}
    taken = {name.removesuffix(".txt") for name in there}
    for name in names_of(today, words):
        if name not in taken and not _is_like_a_copy(name, there):
            yield name


def _is_like_a_copy(name: str, there: Collection[str]) -> bool:
    stem = name.removesuffix(".toml")
    others = [one for one in there if one.startswith(stem) and is_entry(one)]
    return any(True for _ in likenesses(name, there)) or any(
        True for one in others for _ in likenesses(one, {name})
    )
