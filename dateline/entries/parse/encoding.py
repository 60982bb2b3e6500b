"""From the bytes of a file to its text.

UTF-8, UTF-16 with and without its mark, and Windows' Western letters are read. Bytes that may be
one text or another are asked about, never guessed.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import partial

from dateline.entries.scan import CUT_AFTER, MAX_SIZE
from dateline.errors import EntryError, Problem
from dateline.messages import shown
from dateline.messages.values import phrase
from dateline.model import Source
from dateline.text.expressions import regex

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", ""),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "Unicode (UTF-16)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "Unicode big endian (UTF-16)"),
)
# How files begin that are no text, and what they are called.
_OTHERS = (
    (rb"PK\x03\x04.{0,200}mimetypeapplication/vnd\.oasis", "file-word", "libreoffice-document"),
    (rb"PK\x03\x04.{0,200}(?:Index/|\.iwa)", "file-word", "pages-document"),
    (rb"PK\x03\x04", "file-word", "word-document"),
    (rb"\xd0\xcf\x11\xe0", "file-word", "word-document"),
    (rb"\s*\{\\rtf", "file-rich-text", ""),
    (rb"%PDF-", "file-pdf", ""),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF.{4}WEBP|II\*\0|MM\0\*", "file-picture", ""),
    (rb"\s*<(?:!doctype|html|\?xml|head|body|meta)\b", "file-web-page", ""),
    (rb"bplist|\x1f\x8b|7z\xbc\xaf|Rar!", "file-binary", ""),
)
_IS_OTHER = [(regex(start, re.DOTALL | re.IGNORECASE), code, name) for start, code, name in _OTHERS]

_FIRST_BYTES = frozenset(
    bytes([byte]) for byte in b"P\xd0{%\xff\x89GRIM<b\x1f7"
)  # of `_OTHERS`, but for spaces

# UTF-8 that was read as Western letters, of Windows or ISO 8859-1, and saved again: two to four
# such characters.
_HIGH = "".join(bytes([code]).decode("cp1252", "ignore") + chr(code) for code in range(0x80, 0xC0))
# Not at ends of lines, which U+0085 is in files of mainframes.
_MOJIBAKE = regex(
    f"(?!ß\u0085)[\u00c2-\u00df][{_HIGH}]|[\u00e0-\u00ef](?!\u0085{{2}})[{_HIGH}]{{2}}|ð[{_HIGH}]{{3}}"
)
_MAY_BE_MOJIBAKE = regex(f"[\u00c2-\u00f0][{_HIGH}]")  # quick to find
_ALSO_TYPED = frozenset("’‘”“…–—»›\u00a0")


def _high(coding: str) -> str:
    """Return the characters of `coding` for the bytes that follow the first in UTF-8."""
    characters = (bytes([code]).decode(coding, "ignore") for code in range(0x80, 0xC0))
    return re.escape("".join(characters))


# Misread as no Western letters, with the coding that it was taken for: UTF-8 read as Windows'
# Cyrillic, its Arabic, or a Macintosh's letters; and last Windows' Cyrillic or Arabic itself.
_MISREAD = (
    (regex(f"(?:[РС][{_high('cp1251')}]){{3,}}"), "cp1251", "utf-8"),
    (regex(f"(?:[طظ][{_high('cp1256')}]){{3,}}"), "cp1256", "utf-8"),
    (
        regex(
            "(?<=[A-Za-z])√[{0}]|√[{0}](?=[a-z])|‚Ä[{0}]|(?:[–—][{0}]){{3,}}".format(
                _high("mac_roman")
            )
        ),
        "mac_roman",
        "utf-8",
    ),
    (regex("(?<![^\\W\\d_])[À-ÖØ-Þ]?[à-öø-ÿ]{4,}(?![^\\W\\d_])"), "cp1252", "cp1251"),
    (
        regex("(?<![^\\W\\d_])(?=[À-ÖØ-Þ]*[à-öø-ÿ])[À-ÖØ-öø-ÿ]{4,}(?![^\\W\\d_])"),
        "cp1252",
        "cp1256",
    ),
)
# Quick to find: one of the letters that they begin with, and a character that may follow it.
_SIDE_BY_SIDE = regex("[^\0-\x7f][^\0-\x7f]")  # "{2}" is searched twice as slowly
_MAY_BE_MISREAD = regex(
    f"[РСطظ√‚–—À-ÖØ-öø-ÿ][À-ÖØ-öø-ÿ{_high('cp1251')}{_high('cp1256')}{_high('mac_roman')}]"
)
# Saved in letters that had none for these words: Notepad's "ANSI" leaves a ? for each.
_LOST = regex(
    r"""(?<![^\s"“«(])\?{2,}[,.;:!»")]*\s+(?:\?[,.;:]?\s+)*["“«(]?\?{2,}|(?<==\s")\?{4,}(?=")"""
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text with plain line ends, and notes on how it was saved."""

    text: str
    notes: tuple[Problem, ...] = ()


def decode(source: Source) -> Decoded:
    """Return the text of a file. Raises `EntryError`."""
    data = source.data
    problem = partial(Problem, file=source.path)
    if len(data) > MAX_SIZE:
        raise EntryError(problem(code="file-too-large"))
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        young = source.age < CUT_AFTER
        raise EntryError(problem(code="file-empty" if young else "file-still-empty"))
    if data.lstrip()[:1] in _FIRST_BYTES:
        for start, code, name in _IS_OTHER:
            if start.match(data):
                raise EntryError(problem(code=code, found=phrase(name) if name else ""))
    if data.isascii() and b"\0" not in data and b"\x1a" not in data:
        text = _plain_ends(data.decode("ascii"))
        _check_lost(source.path, text)
        return Decoded(text)
    text, notes = _text(source)
    text = _plain_ends(text).rstrip("\x1a")  # DOS ends a text with it
    _check(source.path, text)
    _check_lost(source.path, text)
    return Decoded(text, notes)


@dataclass(frozen=True, slots=True)
class SavedText:
    """A file's text with its own line ends, its coding, and the mark before it."""

    text: str
    coding: str
    mark: bytes

    def as_bytes(self, text: str) -> bytes:
        """Return another text as it would be saved; in UTF-8 where the coding has no such letter.

        >>> SavedText("é", "cp1252", b"").as_bytes("Łódź").decode()
        'Łódź'
        """
        try:
            return self.mark + text.encode(self.coding)
        except UnicodeEncodeError:
            return text.encode()


def saved_text(source: Source) -> SavedText:
    """Return a file's text as it was saved. Raises `EntryError` for one that `decode` refuses."""
    decode(source)
    coding, _, mark = _coding(source.data)
    data = source.data[mark:]
    try:
        return SavedText(data.decode(coding), coding, source.data[:mark])
    except UnicodeDecodeError:
        return SavedText(data.decode("cp1252"), "cp1252", b"")


def _text(source: Source) -> tuple[str, tuple[Problem, ...]]:
    coding, called, mark = _coding(source.data)
    data = source.data[mark:]
    try:
        text = data.decode(coding)
    except UnicodeDecodeError as error:
        if error.end == len(data) and not _is_western(data):
            code = "file-cut" if source.age < CUT_AFTER else "file-ends-early"
            raise EntryError(Problem(code=code, file=source.path)) from error
        if coding == "utf-8":
            return _western(source, data, error)
        raise EntryError(Problem(code="file-encoding", file=source.path)) from error
    note = Problem(code="file-utf16", file=source.path, found=called)
    return text, (note,) if called else ()


def _coding(data: bytes) -> tuple[str, str, int]:
    """Return the coding, its name in Windows (empty for UTF-8), and the mark's length."""
    for mark, coding, called in _MARKS:
        if data.startswith(mark):
            return coding, called, len(mark)
    if b"\0" not in data:
        return "utf-8", "", 0
    # Without its mark: every other byte of an ASCII letter is zero.
    zeros = data[0::2].count(0), data[1::2].count(0)
    enough = max(2, len(data) // 100)
    if zeros[1] > enough and zeros[0] <= zeros[1] // 50:
        return "utf-16-le", "Unicode (UTF-16)", 0
    if zeros[0] > enough and zeros[1] <= zeros[0] // 50:
        return "utf-16-be", "Unicode big endian (UTF-16)", 0
    return "utf-8", "", 0


def _western(
    source: Source, data: bytes, error: UnicodeDecodeError
) -> tuple[str, tuple[Problem, ...]]:
    """Read Windows' Western letters, unless another coding may be meant."""
    if not _is_western(data):
        before = _plain_ends(data[: error.start].decode("utf-8"))
        line = before.count("\n") + 1
        raise EntryError(Problem(code="file-encoding", file=source.path, line=line)) from error
    note = Problem(code="file-windows", file=source.path)
    return data.decode("cp1252"), (note,)


def _is_western(data: bytes) -> bool:
    """Return whether these bytes are a Western text of Windows: accents, here and there."""
    # Most files are in UTF-8, and its patterns take as long as reading one.
    from dateline.entries.parse.encoding_western import is_western  # noqa: PLC0415

    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return is_western(text) and not _mojibake(text)


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _check(path: str, text: str) -> None:
    """Refuse what is no text, or has lost its letters."""
    if "\0" in text:
        raise EntryError(Problem(code="file-binary", file=path))
    if "\ufffd" in text:
        raise EntryError(_lost(path, text, text.index("\ufffd"), "\ufffd"))
    if not _SIDE_BY_SIDE.search(text):
        return
    if (spoilt := _mojibake(text)) or (spoilt := _misread(text)):
        at, found, wanted = spoilt
        line = text.count("\n", 0, at) + 1
        raise EntryError(
            Problem(
                code="file-mojibake", file=path, line=line, found=shown(found), wanted=shown(wanted)
            )
        )


def _check_lost(path: str, text: str) -> None:
    """Refuse a text whose words became question marks when it was saved."""
    if "??" in text and (found := _LOST.search(text)):
        raise EntryError(_lost(path, text, found.start(), shown(found[0])))


def _lost(path: str, text: str, at: int, found: str) -> Problem:
    line = text.count("\n", 0, at) + 1
    return Problem(code="file-lost-letters", file=path, line=line, found=found)


def _mojibake(text: str) -> tuple[int, str, str] | None:
    """Return the first letter that was saved in one coding and read in another."""
    if not _MAY_BE_MOJIBAKE.search(text):
        return None
    for found in _MOJIBAKE.finditer(text):
        before = text[found.start() - 1 : found.start()]
        capitals = before.isupper() and found[0][0].isupper()  # "IRMÃ”": a word in capitals
        times = before.isdigit() and found[0][0] == "×"
        typed = _ALSO_TYPED.issuperset(found[0][1:])
        several = len(found[0]) > len("IÃ")  # "« liberté »", where no line breaks before the mark
        word = found[0][0] in "ÈÉÊÓÔ" and found[0][1] in "\u00a0…–—"  # "È stato", likewise
        is_right = typed and (several or capitals or times or word or found[0][1] in "”’»")
        if not is_right and _is_text(found[0]):
            return found.start(), found[0], _as_bytes(found[0]).decode("utf-8", "replace")
    return None


def _misread(text: str) -> tuple[int, str, str] | None:
    """Find words that were saved and read in two ways, one of them not Western."""
    if not _MAY_BE_MISREAD.search(text):
        return None
    for pattern, taken_for, saved_as in _MISREAD:
        if found := pattern.search(text):
            data = found[0].encode(taken_for, "ignore")
            return found.start(), found[0], data.decode(saved_as, "replace")
    return None


def _is_text(found: str) -> bool:
    try:
        return _as_bytes(found).decode("utf-8").isprintable() or found == "Â\u00a0"
    except UnicodeDecodeError:
        return False


def _as_bytes(found: str) -> bytes:
    return b"".join(
        bytes([ord(sign)]) if ord(sign) < 0x100 else sign.encode("cp1252")  # noqa: PLR2004
        for sign in found
    )
