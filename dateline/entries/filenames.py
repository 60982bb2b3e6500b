"""Names of files: entries, copies of them, and files to ignore.

They come from Windows, macOS and Linux, from shared folders and synchronised ones.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import PurePosixPath

from dateline.system.safe_files import LONGEST_NAME, LONGEST_PATH
from dateline.text.characters import normalised
from dateline.text.expressions import regex

ENDINGS = (".toml", ".toml.txt")
# Lock files, temporary files, backups, folder settings, folders of what was deleted or is kept
# from before, and files that Dateline writes.
_SKIPPED_STARTS = (".", "~$", "~rf", "~wr")
_SKIPPED_ENDS = (
    "~", "#", ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download",
    ".opdownload", ".gdownload", ".gstmp", ".aria2", ".!sync", ".!ut", ".!qb", ".swp", ".swo",
    ".swx", ".bak", ".orig", ".old", ".save", ".autosave", ".asd", ".wbk", ".lock", ".kate-swp",
    ".problem.txt",
)  # fmt: skip
_SKIPPED = frozenset(
    {
        "#recycle", "#snapshot", "$recycle.bin", "4913", "@eadir", "@recently-snapshot", "@recycle",
        "@tmp", "__macosx", "desktop.ini", "ehthumbs.db", "icon\r", "lost+found",
        "network trash folder", "system volume information", "temporary items", "thumbs.db",
        "~snapshot",
    }
)  # fmt: skip
# While a file is written: macOS, and programs that put a number behind `.tmp`.
_SAVED_SAFELY = regex(r"\.sb-[0-9a-f]{8}-\w+$|\.tmp[._~-]?[0-9a-f]+$")
# Copies of the notes beside files, which programs that synchronise make as well.
_COPIED_NOTE = regex(r"\.\w+\.problem\W.*\.txt$")
_NEVER_AN_ENTRY = regex(
    r"(?:read.?me|licen[cs]e|notes?|changelog|contributing|copying|authors|todo|version|makefile"
    r"|dockerfile|cname)(?:[._-]\w+){0,2}",
    re.IGNORECASE,
)
# Names without an extension after their last dot: "2026.11.25 Report".
_NO_ENDING = regex(r"[^.]+|.*\.(?:\d+|[^.]*\s[^.]*)?")
_STRAYS = {
    "file-word": {
        "doc", "docm", "docx", "dot", "dotx", "fodt", "gdoc", "odt", "ott", "pages", "wpd", "wps",
    },
    "file-mail": {"eml", "emlx", "msg"},
    "file-rich-text": {"rtf", "rtfd"},
    "file-web-page": {"htm", "html", "mht", "mhtml", "webarchive"},
    "name-not-toml": {
        "md", "markdown", "text", "tml", "tmol", "tolm", "tom", "toml1", "tomls", "totml", "txt",
        "yaml", "yml",
    },
    "name-shortcut": {"desktop", "lnk", "url", "webloc"},
}  # fmt: skip
_SETTINGS = frozenset({"cfg", "conf", "ini", "json", "log"})
_TURNED_OR_BROKEN = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# What staff call another version of a text.
_WORD_OF_VERSION = r"""
    (?:backup|bak|old|orig(?:inal)?|new|final|corrected|corrigée?|corregid[ao]|definitiv[ao]
      |draft|brouillon|borrador|edited|amended|approved|latest|revised|révisée?|revisad[ao]
      |updated?|actualizad[ao]|rev(?:ision)?[ ._-]{0,2}\d{1,3}
      |v(?:ersion)?[ ._-]?\d{1,3}(?:\.\d{1,3})?)
"""
_PLAIN_COPY = regex(
    rf"""
    (?P<copied>.+?)
    (?: \s*\(\d{{1,3}}\)                                        # browsers, Google Drive, Explorer
      | \s*\[\d{{1,3}}\]
      | \s*（\d{{1,3}}）
      | (?:\s*[-–—_]\s*|\s+)
        (?:copy|copie|copia|cópia|kopie|kopia|kopi|kopya|копия|副本|拷贝|複本|コピー|복사본|نسخة)
        (?:\s*(?:\(\d{{1,3}}\)|（\d{{1,3}}）|\d{{1,3}}))?
      | (?P<version>\s*[-–—_.]\s*|\s+)                        # by hand, beside the original
        (?:{_WORD_OF_VERSION}(?:[ _-]version)?|старая|новая|旧|新|最终|قديم|جديد|نهائي)
      | (?P<brackets>\s*[(\[]){_WORD_OF_VERSION}[)\]]
      | (?:副本|拷贝|複本)(?:\(\d{{1,3}}\)|（\d{{1,3}}）|\d{{1,3}})?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_COPY_OF = regex(
    r"""
    (?:copy\ of|copie\ de|copia\ de|cópia\ de|kopie\ v[ao]n|kopia|kopi\ av|копия|نسخة(?:\ من)?)
    (?:\ \(\d{1,3}\))?[ _-]+(?P<copied>.+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# By hand, before the name of the original.
_VERSION_OF = regex(
    rf"""
    (?P<version>{_WORD_OF_VERSION})(?:\ of)?[ ._-]+(?P<copied>.+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IN_CONFLICT = "(?:conflict|conflit|conflito|conflitto|konflikt|конфликт|冲突|衝突|تعارض)"
# Names that only programs that synchronise write.
_CONFLICT = regex(
    rf"""
    (?P<copied>.+?)
    (?: \.sync-conflict-\d{{8}}-\d{{6}}(?:-\w{{7}})?            # Syncthing
      | [ _]?[\[(](?=[^\[\]]*{_IN_CONFLICT})
        (?: [^\[\]]*(?:\b(?:cop(?:y|ie|ia)|cópia|kopie)\b|копия|副本|コピー|نسخة)[^\[\]]*
          | [^\[\]]*\d{{4}}-?\d\d-?\d\d[^\[\]]*
          | (?:case|sf)?[ _-]?{_IN_CONFLICT}[ _-]?\d*
        )[\])]                                                # Dropbox, Nextcloud, Seafile
      | [ _-]+conflicted[ _-]copy(?:[ _-]+[\d ._:-]*)?         # Google Drive
      | [ _-]conflict-\d{{8}}-\d{{6}}                         # ownCloud
      | _conf\(\d+\)
      | \.conflict(?:ed)?\d*                                  # rclone
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Names that a program may write, and a press officer too: the texts decide.
_PERHAPS_CONFLICT = regex(
    rf"""
    (?P<copied>.+?)
    (?: [ _-]*[\[(][^()\[\]]*{_IN_CONFLICT}[^()\[\]]*[\])]
      | [ _-]+(?:conflicted[ _-]copy|conflict)(?:[ _-].*)?
      | \.(?:remote|local|mine|theirs)\d*
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Quick to find in lower case, before the names are taken apart.
_HINTS_AT_CONFLICT = regex(r"conf|konf|конф|冲突|衝突|تعارض|\.(?:remote|local|mine|theirs)")
_HINTS_AT_COPY = regex(
    r"[)\]）]$|cop[iy]|cópia|kop|копия|副本|拷贝|複本|コピー|복사본|نسخة"
    r"|(?:^|[-–—_.\s])(?:a[cmp]|b[ao]|brou|old|orig|new|final|corr|def|draft|edit|latest|r[eé]v"
    r"|upd|v(?:ersion)?[ ._-]?\d)"
    r"|[-–—_.\s](?:стар|нов|旧|新|最终|قديم|جديد|نهائي)"
)
_JOINT = regex(r"[ _.(-]+")
_MOST_ORIGINALS = 30  # of one name, all but those of which only the start is the same
_MACHINE = regex(
    r"""
    -(?:
        (?:desktop|laptop|win|pc|ws|surface|tablet|nb|notebook)-[\w-]+
      | [\w .’'-]*(?:macbook|imac|mac|pc|laptop|desktop|iphone|ipad|surface)[\w .’'-]*
      | (?-i:(?=[A-Z0-9-]*[0-9])(?=[A-Z0-9-]*[A-Z])[A-Z0-9-]{5,15})
    )(?:-[0-9]{1,2})?
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A name made of another: of `original`, by a hand or by a program.

    `kind` is `copy`, `version` (a word such as "new" follows), `same` (the same name but for
    `.txt`), `conflict` (a program that synchronises wrote it, no one else does), `machine` (perhaps
    such a program), or `longer` (only the start is the same).
    """

    original: str
    kind: str


def is_entry(path: str) -> bool:
    """Return whether a file of this name is an entry."""
    return path.lower().endswith(ENDINGS)


def is_skipped(name: str) -> bool:
    """Return whether a file or folder of this name is ignored without a message."""
    low = name.lower()
    return (
        low.startswith(_SKIPPED_STARTS)
        or low.endswith(_SKIPPED_ENDS)
        or low in _SKIPPED
        or bool(_SAVED_SAFELY.search(low) or _COPIED_NOTE.search(low))
    )


def is_perhaps_an_entry(name: str) -> bool:
    """Return whether a file may be an entry by its text, though not by its name.

    >>> is_perhaps_an_entry("notes.txt"), is_perhaps_an_entry("photo.jpg")
    (True, False)
    """
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    is_text = extension in _STRAYS["name-not-toml"] | _SETTINGS or _NO_ENDING.fullmatch(name)
    return bool(is_text) and not stray_code(name)


def stray_code(name: str) -> str:
    """Return the code for a file that staff may take for an entry, or an empty text."""
    if _NEVER_AN_ENTRY.fullmatch(name):
        return ""
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    code = next((code for code, names in _STRAYS.items() if extension in names), "")
    meant = ".toml" in name.lower() or _NO_ENDING.fullmatch(name)
    return code or ("name-not-toml" if meant else "")


def is_plain(name: str) -> bool:
    """Return whether a name can be shown and typed: no control or direction characters."""
    return name.isprintable() or not any(
        one in _TURNED_OR_BROKEN or unicodedata.category(one) in {"Cc", "Cs"} for one in name
    )


def is_too_deep(folder: str) -> bool:
    """Return whether paths of files in a folder may be too long for Dateline."""
    return len(folder.encode(errors="replace")) >= LONGEST_PATH - LONGEST_NAME


def shown_path(path: str) -> str:
    """Return a path with U+FFFD in place of each character that cannot be shown."""
    return "".join(one if one == "/" or is_plain(one) else "\ufffd" for one in path)


def name_key(path: str) -> str:
    """Return the form in which names that differ in case or composition are the same."""
    return path.lower() if path.isascii() else normalised("NFC", path).casefold()


def folder_of(path: str) -> str:
    """Return the folder that a path is in, with a slash, or an empty text.

    >>> folder_of("2008/Lebanon.toml")
    '2008/'
    """
    return path[: path.rfind("/") + 1]


def stem(path: str) -> str:
    """Return the name of an entry's file without its ending, in the form of `name_key`.

    >>> stem("2008/Lebanon.toml")
    '2008/lebanon'
    """
    key = name_key(path)
    return next((key[: -len(end)] for end in ENDINGS[::-1] if key.endswith(end)), key)


def tails(path: str) -> list[str]:
    """Return the references that name a file, as `stem`, with fewer and fewer folders.

    >>> tails("2008/en/Lebanon.toml")
    ['2008/en/lebanon', 'en/lebanon', 'lebanon']
    """
    parts = stem(path).split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]


def named(reference: str, folder: str = "") -> str:
    """Return the file, as `stem`, that `reference` names in a file that lies in `folder`.

    Parts that lead out of the entries folder are cut.

    >>> named("../en/Lebanon.toml", "fr")
    'en/lebanon'
    """
    path = posixpath.normpath(posixpath.join(folder, reference.strip().replace("\\", "/")))
    return stem(re.sub(r"^(?:\.\.?(?:/|$)|/)+", "", path))


def names_of(day: date, words: str) -> Iterator[str]:
    """Yield names for an entry file: `2008-10-20-report.toml`, then with a number.

    It is not at the end, where programs number copies.
    """
    yield f"{day:%Y-%m-%d}-{words}.toml"
    for number in count(2):
        yield f"{day:%Y-%m-%d}-{number}-{words}.toml"
        # "-copy" or "conflict" at the end is what programs that synchronise write.
        yield f"{day:%Y-%m-%d}-{number}-{words}-entry.toml"


def likenesses(path: str, files: Container[str]) -> Iterator[Likeness]:
    """Yield the entries among `files` of which this one may be a copy, by its name.

    After a conflict that a program named, the original is yielded even if it is gone.

    >>> found = likenesses("a/report (1).toml", {"a/report.toml"})
    >>> [(each.kind, each.original) for each in found]
    [('copy', 'a/report.toml'), ('longer', 'a/report.toml')]
    """
    folder = folder_of(path)
    name = path[len(folder) :]
    end = ".toml.txt" if name.lower().endswith(".toml.txt") else ".toml"
    stem = name[: -len(end)]
    if end == ".toml.txt" and f"{folder}{stem}.toml" in files:
        yield Likeness(original=f"{folder}{stem}.toml", kind="same")
    for kind, copied in _originals(stem):
        there = [end for end in ENDINGS if f"{folder}{copied}{end}" in files]
        if there and kind == "longer" and _MACHINE.fullmatch(stem, len(copied)):
            kind = "machine"  # noqa: PLW2901
        for ending in there or ENDINGS[: kind == "conflict"]:
            yield Likeness(original=f"{folder}{copied}{ending}", kind=kind)


def _originals(stem: str, seen: set[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield the kind of each copy that a name may be of, and the name of its original.

    `seen` are the originals so far: words before and after a name can be taken off in any order.
    """
    seen = set() if seen is None else seen
    stem = stem.removesuffix(".toml")  # "report.toml (1).toml"
    low = stem.lower()
    if _HINTS_AT_CONFLICT.search(low):
        for kind, written in (("conflict", _CONFLICT), ("machine", _PERHAPS_CONFLICT)):
            if found := written.fullmatch(stem):
                yield kind, found["copied"].removesuffix(".toml").strip()
                break
    if _HINTS_AT_COPY.search(low):
        for pattern in (_PLAIN_COPY, _COPY_OF, _VERSION_OF):
            if found := pattern.fullmatch(stem):
                copied = found["copied"].removesuffix(".toml").strip()
                if copied in seen or len(seen) >= _MOST_ORIGINALS:
                    continue
                seen.add(copied)
                parts = found.groupdict()
                kind = "version" if parts.get("version") or parts.get("brackets") else "copy"
                yield kind, copied
                yield from ((kind, original) for _, original in _originals(copied, seen))
    for cut in _JOINT.finditer(stem, 1):
        yield "longer", stem[: cut.start()]
