"""What does a file's name alone say: an entry, a copy of one, or none of ours?

Names come from Windows, macOS and Linux, from shared folders and synchronised ones.
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

ENDINGS = (".toml", ".toml.txt")
# Lock files, temporary files, backups, folder settings, and what we write ourselves.
_SKIPPED_STARTS = (".", "~$", "~rf", "~wr")
_SKIPPED_ENDS = (
    "~", "#", ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download",
    ".opdownload", ".gdownload", ".gstmp", ".aria2", ".!sync", ".!ut", ".!qb", ".swp", ".swo",
    ".swx", ".bak", ".orig", ".old", ".save", ".autosave", ".asd", ".wbk", ".lock", ".kate-swp",
    ".problem.txt",
)  # fmt: skip
_SKIPPED = frozenset(
    {
        "$recycle.bin", "@eadir", "__macosx", "#recycle", "4913", "desktop.ini", "ehthumbs.db",
        "icon\r", "lost+found", "network trash folder", "system volume information",
        "temporary items", "thumbs.db",
    }
)  # fmt: skip
# While a file is written: macOS, and programs that put a number behind `.tmp`.
_SAVED_SAFELY = re.compile(r"\.sb-[0-9a-f]{8}-\w+$|\.tmp[._~-]?[0-9a-f]+$")
_NEVER_AN_ENTRY = re.compile(
    r"(?:read.?me|licen[cs]e|notes?|changelog|contributing|copying|authors|todo|version|makefile"
    r"|dockerfile|cname)(?:[._-]\w+){0,2}",
    re.IGNORECASE,
)
# Nothing stands behind the last dot that tells a kind of file: "2026.11.25 Report".
_NO_ENDING = re.compile(r"[^.]+|.*\.(?:\d+|[^.]*\s[^.]*)?")
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

_PLAIN_COPY = re.compile(
    r"""
    (?P<copied>.+?)
    (?: \s*\(\d{1,3}\)                                        # browsers, Google Drive, Explorer
      | \s*\[\d{1,3}\]
      | \s*（\d{1,3}）
      | (?:\s*[-–—_]\s*|\s+)
        (?:copy|copie|copia|cópia|kopie|kopia|kopi|kopya|копия|副本|拷贝|複本|コピー|복사본|نسخة)
        (?:\s*(?:\(\d{1,3}\)|（\d{1,3}）|\d{1,3}))?
      | (?:副本|拷贝|複本)(?:\(\d{1,3}\)|（\d{1,3}）|\d{1,3})?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_COPY_OF = re.compile(
    r"""
    (?:copy\ of|copie\ de|copia\ de|cópia\ de|kopie\ v[ao]n|kopia|kopi\ av|копия|نسخة(?:\ من)?)
    (?:\ \(\d{1,3}\))?[ _-]+(?P<copied>.+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IN_CONFLICT = "(?:conflict|conflit|conflito|conflitto|konflikt|конфликт|冲突|衝突|تعارض)"
# What only programs that synchronise write: nobody else calls a file so.
_CONFLICT = re.compile(
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
# What a program may write, and a press officer too: the texts decide.
_PERHAPS_CONFLICT = re.compile(
    rf"""
    (?P<copied>.+?)
    (?: [ _-]*[\[(][^()\[\]]*{_IN_CONFLICT}[^()\[\]]*[\])]
      | [ _-]+(?:conflicted[ _-]copy|conflict)(?:[ _-].*)?
      | \.(?:remote|local|mine|theirs)\d*
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Quick to see in lower case, before the names are taken apart.
_SAYS_CONFLICT = re.compile(r"conf|konf|конф|冲突|衝突|تعارض|\.(?:remote|local|mine|theirs)")
_SAYS_COPY = re.compile(r"[)\]）]$|cop[iy]|cópia|kop|копия|副本|拷贝|複本|コピー|복사본|نسخة")
_JOINT = re.compile(r"[ _.(-]+")
_MACHINE = re.compile(
    r"""
    -(?:
        (?:desktop|laptop|win|pc|ws|surface|tablet|nb|notebook)-[\w-]+
      | [\w .’'-]*(?:macbook|imac|mac|pc|laptop|desktop|iphone|ipad|surface)[\w .’'-]*
      | (?=[A-Z0-9-]*[0-9])(?=[A-Z0-9-]*[A-Z])[A-Z0-9-]{5,15}
    )(?:-[0-9]{1,2})?
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A name made of another: of `original`, by a hand or by a program.

    `kind` is `copy`, `same` (the same name but for `.txt`), `conflict` (a program that
    synchronises wrote it, no one else does), `machine` (perhaps such a program), or `longer`
    (only the start is the same).
    """

    original: str
    kind: str


def is_entry(path: str) -> bool:
    """Say whether a file of this name is an entry."""
    return path.lower().endswith(ENDINGS)


def is_skipped(name: str) -> bool:
    """Say whether a file or folder of this name is left alone without a word."""
    low = name.lower()
    return (
        low.startswith(_SKIPPED_STARTS)
        or low.endswith(_SKIPPED_ENDS)
        or low in _SKIPPED
        or bool(_SAVED_SAFELY.search(low))
    )


def is_perhaps_an_entry(name: str) -> bool:
    """Return whether only its text shows that a file which is left alone is an entry.

    >>> is_perhaps_an_entry("notes.txt"), is_perhaps_an_entry("photo.jpg")
    (True, False)
    """
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    is_text = extension in _STRAYS["name-not-toml"] | _SETTINGS or _NO_ENDING.fullmatch(name)
    return bool(is_text) and not stray_code(name)


def stray_code(name: str) -> str:
    """Give the code of the problem with a file that staff may take for an entry, or nothing."""
    if _NEVER_AN_ENTRY.fullmatch(name):
        return ""
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    code = next((code for code, names in _STRAYS.items() if extension in names), "")
    meant = ".toml" in name.lower() or _NO_ENDING.fullmatch(name)
    return code or ("name-not-toml" if meant else "")


def is_plain(name: str) -> bool:
    """Say whether a name can be shown and typed: UTF-8, no control signs, not turned round."""
    return name.isprintable() or not any(
        sign in _TURNED_OR_BROKEN or unicodedata.category(sign) in {"Cc", "Cs"} for sign in name
    )


def shown_path(path: str) -> str:
    """Give a path in which every sign that cannot be shown is a question mark in a diamond."""
    return "".join(sign if sign == "/" or is_plain(sign) else "\ufffd" for sign in path)


def name_key(path: str) -> str:
    """Give the form in which two names that look alike are the same."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def folder_of(path: str) -> str:
    """Give how a path begins: the folder that it is in, with a slash, or nothing.

    >>> folder_of("2008/Lebanon.toml")
    '2008/'
    """
    return path[: path.rfind("/") + 1]


def stem(path: str) -> str:
    """Give what an entry's file is called without its ending, in the form of `name_key`.

    >>> stem("2008/Lebanon.toml")
    '2008/lebanon'
    """
    key = name_key(path)
    return next((key[: -len(end)] for end in ENDINGS[::-1] if key.endswith(end)), key)


def tails(path: str) -> list[str]:
    """Give all by which staff may name a file, as `stem`: with fewer and fewer of its folders.

    >>> tails("2008/en/Lebanon.toml")
    ['2008/en/lebanon', 'en/lebanon', 'lebanon']
    """
    parts = stem(path).split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]


def named(reference: str, folder: str = "") -> str:
    """Give, as `stem`, which file staff name by `reference`, in a file that lies in `folder`.

    What leads out of the entries folder is cut.

    >>> named("../en/Lebanon.toml", "fr")
    'en/lebanon'
    """
    path = posixpath.normpath(posixpath.join(folder, reference.strip().replace("\\", "/")))
    return stem(re.sub(r"^(?:\.\.?(?:/|$)|/)+", "", path))


def names_of(day: date, words: str) -> Iterator[str]:
    """Return one name of an entry file after another: `2008-10-20-report.toml`, then with a number.

    Not at the end: a number there is how programs name copies.
    """
    yield f"{day:%Y-%m-%d}-{words}.toml"
    for number in count(2):
        yield f"{day:%Y-%m-%d}-{number}-{words}.toml"
        # "-copy" or "conflict" at the end is what programs that synchronise write.
        yield f"{day:%Y-%m-%d}-{number}-{words}-entry.toml"


def likenesses(path: str, files: Container[str]) -> Iterator[Likeness]:
    """Give the entries among `files` of which this one's name may make it a copy.

    One that a program named after a conflict is given whether it is there or not.

    >>> [found.original for found in likenesses("a/report (1).toml", {"a/report.toml"})]
    ['a/report.toml']
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


def _originals(stem: str) -> Iterator[tuple[str, str]]:
    stem = stem.removesuffix(".toml")  # "report.toml (1).toml"
    low = stem.lower()
    if _SAYS_CONFLICT.search(low):
        for kind, written in (("conflict", _CONFLICT), ("machine", _PERHAPS_CONFLICT)):
            if found := written.fullmatch(stem):
                yield kind, found["copied"].removesuffix(".toml").strip()
                break
    if _SAYS_COPY.search(low):
        for pattern in (_PLAIN_COPY, _COPY_OF):
            if found := pattern.fullmatch(stem):
                copied = found["copied"].removesuffix(".toml").strip()
                yield "copy", copied
                yield from (("copy", original) for _, original in _originals(copied))
    for cut in _JOINT.finditer(stem, 1):
        yield "longer", stem[: cut.start()]
