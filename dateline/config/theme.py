"""The theme of a publication: what `[look]` and the files that it names come to.

Files are read once for each configuration, so that all pages of a run have the same theme.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from dateline.model import Document, Media, Theme
from dateline.system import safe_files

LARGEST = 1_000_000  # bytes of a file
STYLE = "style.css"
_TEMPLATE = ".html"
_MANY = 1_000  # files, beyond which it is hardly the folder that was meant

Stamp = tuple[str, int, int, int]
"""A path, and the inode, the time of change (ctime) and the size of the file there."""
Fault = tuple[str, str]
"""A key of `[look]` and what is wrong with it; without a key, a sentence that names the file."""


def read(
    folder: Path, url: str, plain: Theme, *, logo: str, icon: str, templates: str
) -> tuple[Theme, list[Fault]]:
    """Return the `plain` theme with the files of these names, and every fault.

    Names are relative to `folder`, and may be empty; `url` is the address of the site. With
    faults, the theme is not to be used.
    """
    faults: list[Fault] = []
    shown: dict[str, tuple[Media, Document]] = {}
    for key, name in (("logo", logo), ("icon", icon)):
        try:
            if name:
                shown[key] = _picture(folder, name, url, key)
        except ValueError as error:
            faults.append((key, f"{error}"))
    found: dict[str, str] = {}
    if templates:
        found, wrong = _templates(folder / templates, templates)
        faults += wrong
    style = found.pop(STYLE, "").encode()
    theme = replace(
        plain,
        logo=shown["logo"][0] if "logo" in shown else None,
        icon=shown["icon"][0] if "icon" in shown else None,
        templates=tuple(found.items()),
        style=style,
        documents=tuple({one.path: one for _, one in shown.values()}.values()),
        digest=hashlib.sha256(repr((found, style)).encode()).hexdigest() if templates else "",
    )
    return theme, [*faults, *(_broken(theme, templates) if theme.templates else ())]


def _picture(folder: Path, name: str, url: str, key: str) -> tuple[Media, Document]:
    from dateline.config import pictures  # noqa: PLC0415 - Pillow and lxml: web workers do without

    try:
        data = _contents(folder / name)
    except OSError as error:
        raise ValueError(
            f"there is no file {name} beside config.toml ({error.strerror})."
        ) from error
    except ValueError as error:
        raise ValueError(f"{name} {error}; it is on every page.") from error
    return pictures.published(data, name, url, is_square=key == "icon")


def _templates(folder: Path, name: str) -> tuple[dict[str, str], list[Fault]]:
    try:
        if not folder.is_dir():
            return {}, [("templates", f"there is no folder {name} beside config.toml.")]
        found, faults = texts(folder, name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return {}, [("templates", f"{name} {reason}.")]
    return found, [("", sentence) for sentence in faults]


def _broken(theme: Theme, folder: str) -> Iterator[Fault]:
    from dateline.config.templates import broken  # noqa: PLC0415 - Jinja: many commands do without

    for name, line, reason in broken(theme):
        yield "", f"{folder}/{name}, line {line}: {reason}."


# ---- Files


def texts(folder: Path, called: str) -> tuple[dict[str, str], list[str]]:
    """Return the templates and the style in a folder by their names, and a sentence a fault.

    Faults are files that cannot be read, and links out of the folder, which sentences name as
    `called`. Files of editors (`.name`, `name~`) and other files are passed over.
    """
    found: dict[str, str] = {}
    faults: list[str] = []
    inside = folder.resolve()
    for path in sorted(_within(folder)):
        name = path.relative_to(folder).as_posix()
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                raise ValueError("leads out of the folder: put the file itself there")  # noqa: TRY301
            found[name] = _text(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            faults.append(f"{called}/{name}: {reason}.")
    return found, faults


def stamps(paths: Iterable[Path]) -> tuple[Stamp, ...]:
    """Return the stamps of these files, and of the templates in the folders among them.

    A file that is not there has no stamp. No file is opened.
    """
    found: list[Stamp] = []
    for path in paths:
        try:
            within = sorted(_within(path)) if path.is_dir() else [path]
        except (OSError, ValueError):
            continue
        found += (stamp for one in within if (stamp := _stamp(one)))
    return tuple(found)


def _contents(path: Path) -> bytes:
    """Read a file of at most `LARGEST` bytes; raises `OSError`, and `ValueError` for another."""
    file = os.open(path, safe_files.TO_READ)
    try:
        seen = os.fstat(file)
        if stat.S_ISDIR(seen.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(seen.st_mode):
            raise ValueError("is no plain file")
        data = safe_files.contents(file, seen.st_size, LARGEST + 1)
    finally:
        os.close(file)
    if len(data) > LARGEST:
        raise ValueError("is larger than 1 MB")
    return data


def _text(path: Path) -> str:
    try:
        return _contents(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("is not saved as UTF-8: save it as UTF-8") from error


def _within(folder: Path) -> Iterator[Path]:
    """Yield the templates and the style in a folder; raises `ValueError` if it has many files."""
    seen = 0
    for above, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        seen += len(folders) + len(files)
        if seen > _MANY:
            raise ValueError(f"has more than {_MANY:,} files: is it the right folder")
        for name in files:
            path = Path(above, name)
            is_style = path == folder / STYLE
            if not name.startswith(".") and (name.endswith(_TEMPLATE) or is_style):
                yield path


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return str(path), found.st_ino, found.st_ctime_ns, found.st_size
