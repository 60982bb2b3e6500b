"""The pictures and attachments of an import, and links in place of embedded players."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from dateline.entries import media
from dateline.entries.lazy_scan import is_reached
from dateline.entries.normalise.links import names_a_file
from dateline.entries.pasted import html_to_markdown
from dateline.errors import DatelineError, FetchError, MediaError
from dateline.importing.fetch import SourceFetcher, is_web, pathname
from dateline.importing.items import ImportedItem
from dateline.system import safe_files
from dateline.system.writing import replace_file
from dateline.text.expressions import Expression, regex
from dateline.text.urls import joined, slugify


@dataclass(slots=True, kw_only=True)
class MediaImporter:
    """Importer of files into the entries folder, with the files imported so far.

    A file that several entries name is stored once. If `is_trial`, nothing is fetched or written;
    a file is assumed to be importable if its name permits.
    """

    entries: Path
    fetcher: SourceFetcher
    is_trial: bool
    # By the path of a file on this disk, otherwise by its address: its path here, or the reason.
    imported: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    _reserved: set[str] = field(default_factory=set)

    def import_files(
        self, item: ImportedItem, addresses: list[str], folder: str, losses: list[str]
    ) -> dict[str, str]:
        """Import files into `folder`; return the name by which an entry there refers to each.

        For a file that could not be imported, the reason is added to `losses`.
        """
        names: dict[str, str] = {}
        for address in addresses:
            # Each folder of a site may have a file of this name.
            place = str(item.found.get(address, address))
            if place not in self.imported and place not in self.refused:
                self._try(item, address, place, folder)
            if place in self.imported:
                names[address] = self.imported[place].removeprefix(f"{folder}/")
            else:
                losses.append(f"{address} {self.refused[place]}")
        return names

    def _try(self, item: ImportedItem, address: str, place: str, folder: str) -> None:
        try:
            self.imported[place] = self._import(item, address, folder)
        except (FetchError, MediaError) as error:
            reason = "is no kind of file that is published" if isinstance(error, MediaError) else ""
            self.refused[place] = f"stays where it is: {reason or error}"

    def _import(self, item: ImportedItem, address: str, folder: str) -> str:
        path = item.found.get(address)
        if path is None and not is_web(address):
            raise FetchError("there is no such file beside the text")
        name = PurePosixPath(pathname(address)).name or "file"
        if self.is_trial:
            ending = PurePosixPath(name).suffix.lower() if names_a_file(name) else ""
            return self._free_path(folder, f"{slugify(PurePosixPath(name).stem)}{ending}", b"")
        data = _read(item.root, path) if path else self.fetcher.file(address, media.MAX_SIZE)
        try:
            cleaned = media.clean(data, name)
        except OSError as error:
            raise FetchError(f"it cannot be read now ({error})") from error
        target = self._free_path(folder, cleaned.name, data)
        write(self.entries, target, data)
        return target

    def _free_path(self, folder: str, name: str, data: bytes) -> str:
        """Return a path that is free, or holds these bytes already."""
        stem, end = PurePosixPath(name).stem, PurePosixPath(name).suffix
        for number in range(1, 10_000):
            path = f"{folder}/{stem}{f'-{number}' if number > 1 else ''}{end}"
            is_there = os.path.lexists(self.entries / path)
            if self._has(path, data) if is_there else path not in self._reserved:
                self._reserved.add(path)
                return path
        raise FetchError(f"there are too many files called {name}")

    def _has(self, path: str, data: bytes) -> bool:
        """Return whether a file below the entries folder has these bytes."""
        try:
            return safe_files.read(str(self.entries), path, len(data) + 1)[0] == data
        except OSError:
            return False


def _read(root: Path, path: Path) -> bytes:
    """Return the bytes of a file below `root`, which may have been replaced since it was found."""
    try:
        inside = path.relative_to(root).as_posix()
        data, _ = safe_files.read(str(root), inside, media.MAX_SIZE + 1)
    except OSError as error:
        raise FetchError(f"it cannot be read: {error.strerror}") from error
    if len(data) > media.MAX_SIZE:
        raise FetchError(f"it has more than {media.MAX_SIZE} bytes")
    return data


def write(entries: Path, inside: str, data: bytes) -> None:
    """Write a file whole, in folders that are made: the publisher may read it at any time.

    Raises `DatelineError` where a folder is a link: what is behind it is not published.
    """
    path = entries / inside
    if not is_reached(entries, inside):
        raise DatelineError(f"{path.parent} is a link, or behind one. Make it a folder.")
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, data, is_synced=True)


# ---- Pictures that a script of the old page loads

_PICTURE = regex(r"<img\b([^<>]*+)>", re.IGNORECASE)
_SOURCE = regex(r"""\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_LAZY = regex(
    r"""\sdata-(?:lazy-)?(?:src|original)\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_STAND_IN = regex(r"\s*(?:$|data:|#)|.*(?:placeholder|spacer|transparent|blank)", re.IGNORECASE)
_PIXEL = regex(r"""\s(width|height)\s*=\s*["']?[01](?:px)?["']?(?=[\s/]|$)""", re.IGNORECASE)
_NO_SCRIPT = regex(r"<noscript\b[^<>]*+>", re.IGNORECASE)
_SCRIPT = regex(r"</noscript\s*+>", re.IGNORECASE)
_LOADED = "<!--loaded-->"  # behind such a picture; what follows in `<noscript>` is the same one
_LONGEST_STAND_IN = 500  # characters; what is longer is a picture of its own


def pictured(item: ImportedItem) -> ImportedItem:
    """Return an item with the pictures that a script puts into its text.

    `<noscript>` may have them, too. Pictures of one pixel, by which readers are counted, are left
    out. One within the text itself is a loss.
    """
    if "<" not in item.html:
        return item
    losses: dict[str, None] = {}
    before, *parts = _NO_SCRIPT.split(item.html)
    outside = [_PICTURE.sub(lambda found: _loaded(found, losses), before)]
    inside = []
    for part in parts:
        end = _SCRIPT.search(part)
        inside.append(part[: end.start()] if end else "")
        rest = part[end.end() :] if end else part
        outside.append(_PICTURE.sub(lambda found: _loaded(found, losses), rest))
    seen = {_value(_SOURCE, one[1]) for text in outside for one in _PICTURE.finditer(text)}
    pieces = [outside[0]]
    for hidden, rest in zip(inside, outside[1:], strict=True):
        if not pieces[-1].rstrip().endswith(_LOADED):
            found = (_loaded(one, losses) for one in _PICTURE.finditer(hidden))
            pieces += [one for one in found if _value(_SOURCE, one) not in seen]
        pieces.append(rest)
    text = "".join(pieces).replace(_LOADED, "")
    return replace(item, html=text, losses=(*item.losses, *losses))


def _loaded(found: re.Match[str], losses: dict[str, None]) -> str:
    """Return the element of a picture with the address that a script would put there."""
    more = found[1]
    if len({name.lower() for name in _PIXEL.findall(more)}) == len(("width", "height")):
        return ""
    stated, lazy = _value(_SOURCE, more), _value(_LAZY, more)
    if lazy and _STAND_IN.match(stated):
        return f'<img src="{html.escape(lazy)}"{_SOURCE.sub("", more)}>{_LOADED}'
    if stated.startswith("data:") and len(stated) > _LONGEST_STAND_IN:
        losses["has a picture within the text itself, which is left out"] = None
    return found[0]


def _value(attribute: Expression[str], text: str) -> str:
    found = attribute.search(text)
    return html.unescape(next(filter(None, found.groups()), "")) if found else ""


# ---- Embedded players and frames

_OPENS = regex(r"<(?P<name>video|audio|iframe|embed|object)\b(?P<more>[^<>]*+)>", re.IGNORECASE)
_ADDRESS = regex(
    r"""\b(?:src|data|href)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE
)
_TITLE = regex(r"""\btitle\s*=\s*(?:"([^"<>]+)"|'([^'<>]+)')""", re.IGNORECASE)
_YOUTUBE = regex(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+).*")
_VIMEO = regex(r"https?://player\.vimeo\.com/video/(\d+).*")


def linked(item: ImportedItem) -> ImportedItem:
    """Return an item with links in place of players and frames; each kind is a loss."""
    losses: dict[str, None] = {}
    base = item.base or item.link
    if item.markdown:
        item = replace(
            item,
            markdown=html_to_markdown.outside_code(
                item.markdown, lambda part: "".join(_pieces(part, base, losses, is_html=False))
            ),
        )
    if item.html:
        item = replace(item, html="".join(_pieces(item.html, base, losses, is_html=True)))
    return replace(item, losses=(*item.losses, *losses)) if losses else item


def _pieces(text: str, base: str, losses: dict[str, None], *, is_html: bool) -> Iterator[str]:
    low = (
        text.lower() if text.isascii() else re.sub("[A-Z]", lambda letter: letter[0].lower(), text)
    )
    unclosed: set[str] = set()
    done = 0
    for found in _OPENS.finditer(text):
        if found.start() < done:
            continue
        yield text[done : found.start()]
        name = found["name"].lower()
        close = f"</{name}>"
        end = -1 if name in unclosed or name == "embed" else low.find(close, found.end())
        if end < 0:
            unclosed.add(name)
        inside = text[found.end() : end] if end >= 0 else ""
        done = end + len(close) if end >= 0 else found.end()
        yield _link(found, inside, base, losses, is_html=is_html)
    yield text[done:]


def _link(
    found: re.Match[str], inside: str, base: str, losses: dict[str, None], *, is_html: bool
) -> str:
    name = found["name"].lower()
    stated = _ADDRESS.search(found["more"]) or _ADDRESS.search(inside)
    written = html.unescape(next(filter(None, stated.groups()), "")).strip() if stated else ""
    address = _page_of_video(joined(base, written)) if written else ""
    if not address.startswith(("http://", "https://")):
        losses[f"has <{name}> without an address, which is left out"] = None
        return ""
    losses[f"has <{name}>: a link stands in its place"] = None
    title = _TITLE.search(found["more"])
    words = html.unescape(next(filter(None, title.groups()), "")) if title else address
    if is_html:
        return f'<p><a href="{html.escape(address)}">{html.escape(words)}</a></p>'
    return f"[{re.sub(r'[][]', '', words)}]({quote(address, safe=':/?#@!$&=;,+%~._-*')})"


def _page_of_video(address: str) -> str:
    """Return the address of a video's page, given that of its player."""
    if video := _YOUTUBE.fullmatch(address):
        return f"https://www.youtube.com/watch?v={video[1]}"
    video = _VIMEO.fullmatch(address)
    return f"https://vimeo.com/{video[1]}" if video else address
