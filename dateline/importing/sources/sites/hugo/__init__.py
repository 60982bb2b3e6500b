"""Hugo: the settings of a site, and how it forms addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from dateline.importing.items import OldFeed
from dateline.importing.sources.sites import front_matter, site_files
from dateline.importing.sources.sites.front_matter import line, table
from dateline.importing.sources.sites.hugo.hidden import HiddenPages, lowered
from dateline.importing.sources.sites.permalinks import (
    Address,
    Content,
    PageOf,
    SiteSettings,
    count_of,
    filled,
    site_url,
    zone_of,
)
from dateline.text.characters import normalised
from dateline.text.language import tag_of

_ENDS = ("toml", "yaml", "yml", "json")
_ROOTS = frozenset({"hugo", "config"})
_LARGEST = 500_000  # bytes of a file of settings
MARKS = (
    *(f"hugo.{end}" for end in _ENDS), "config/_default", "archetypes", "content",
)  # fmt: skip
# Parts of a date by Hugo's names and in Go's notation, as `strftime` writes them.
_DATED = {
    "year": "%Y", "month": "%m", "monthname": "%B", "day": "%d", "weekday": "%w",
    "weekdayname": "%A", "2006": "%Y", "06": "%y", "01": "%m", "Jan": "%b", "January": "%B",
    "02": "%d", "Mon": "%a", "Monday": "%A", "15": "%H", "04": "%M", "05": "%S",
}  # fmt: skip
_DATES = {
    "publishdate": ("publishdate", "pubdate", "published", "date"),
    "expirydate": ("expirydate", "unpublishdate"),
}
_FEED_TEMPLATES = ("rss.xml", "*.rss.xml")


def site(root: Path, folder: Path, url: str) -> SiteSettings:
    """Read the settings of a site; `folder` is the part of it to read."""
    settings = _settings(root)
    languages = _languages(settings)
    default = line(settings.get("defaultcontentlanguage")).lower() or "en"
    rules = _Rules(settings, languages, default, root)
    contents = tuple(rules.contents(folder))
    rss = table(table(settings.get("services")).get("rss"))
    address = url or line(settings.get("baseurl")) or _first_url(contents)
    hides = HiddenPages(settings, root)
    return SiteSettings(
        kind="Hugo",
        url=site_url(address),
        contents=contents,
        place=rules.place,
        language=lambda page: rules.spoken(page)[1].language,
        defaults=lambda path: _inherited(path, contents, hides),
        hides=hides,
        dated=(*_dated(settings, "publishdate"), "date"),
        expiring=_dated(settings, "expirydate"),
        settings=settings,
        zone=zone_of(settings.get("timezone")),
        window=count_of(rss.get("limit", settings.get("rsslimit")), 0),
        feeds=tuple(_feeds(settings, rules.every(), address)),
        doubts=tuple(_doubts(root)),
    )


def _dated(settings: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the fields in which a date may be, the first that has one: the site may name them."""
    usual, own = _DATES[name], table(settings.get("frontmatter")).get(name)
    named = [line(one).lower() for one in own] if isinstance(own, list) else [":default"]
    return tuple(one for each in named for one in (usual if each == ":default" else (each,)))


def _inherited(
    path: PurePosixPath, contents: Iterable[Content], pages: HiddenPages
) -> Mapping[str, Any]:
    """Return the fields that a page inherits, by its path below all content."""
    for content in contents:
        if path.is_relative_to(content.below or "."):
            file = content.folder / path.relative_to(content.below or ".")
            if file.is_file():
                return pages.inherited(file, path)
    return {}


def _first_url(contents: tuple[Content, ...]) -> str:
    return next((one.url for one in contents if one.url), "")


def _settings(root: Path) -> Mapping[str, Any]:
    """Read the files of settings in the order in which Hugo merges them."""
    found: dict[str, Any] = {}
    names = (f"{stem}.{end}" for stem in ("hugo", "config") for end in _ENDS)
    first = next((root / name for name in names if (root / name).is_file()), None)
    if first:
        _merge(_read(first, root), found)
    for folder in (root / "config/_default", root / "config/production"):
        for path in sorted(folder.glob("*.*")) if folder.is_dir() else ():
            if path.suffix.lstrip(".") in _ENDS:
                _merge(_named(path, root), found)
    return found


def _read(path: Path, root: Path) -> dict[str, Any]:
    """Return the settings in a file; one that cannot be read has none."""
    try:
        data = site_files.read(path, root, _LARGEST)
        return lowered(front_matter.settings(data, path.name))
    except (OSError, RecursionError):
        return {}


def _named(path: Path, root: Path) -> dict[str, Any]:
    """Read one file of a folder of settings: `params.toml`, `languages.fr.toml`, `hugo.toml`."""
    own = _read(path, root)
    name, _, language = path.stem.lower().partition(".")
    if name in _ROOTS:
        return own
    if not language:
        return {name: own}
    return {"languages": {language: own if name == "languages" else {name: own}}}


def _merge(upper: Mapping[str, Any], lower: dict[str, Any]) -> None:
    for key, value in upper.items():
        if isinstance(value, dict) and isinstance(lower.get(key), dict):
            _merge(value, lower[key])
        else:
            lower[key] = value


def _languages(settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the settings of each published language."""
    off = {line(one).lower() for one in settings.get("disablelanguages") or ()}
    return {
        name: own
        for name, own in table(settings.get("languages")).items()
        if isinstance(own, dict) and name not in off and own.get("disabled") is not True
    }


def _feeds(
    settings: Mapping[str, Any], contents: Iterable[Content], address: str
) -> Iterator[OldFeed]:
    """Yield the feed of each language, if the home page has one."""
    off = {line(one).lower() for one in settings.get("disablekinds") or ()}
    home = table(settings.get("outputs")).get("home")
    wanted = home is None or "rss" in {line(one).lower() for one in home if isinstance(home, list)}
    if "rss" in off or not wanted or not address:
        return
    form = table(table(settings.get("outputformats")).get("rss"))
    name = f"{line(form.get('basename')) or 'index'}.xml"
    for one in dict.fromkeys((one.url or address, one.prefix) for one in contents):
        yield OldFeed(address=f"{one[0].rstrip('/')}/{one[1]}{name}", form="rss")


def _doubts(root: Path) -> Iterator[str]:
    layouts = root / "layouts"
    if layouts.is_dir() and any(any(layouts.rglob(name)) for name in _FEED_TEMPLATES):
        yield "The site makes its feed by a template of its own (layouts/)."


class _Rules:
    """How a site forms addresses; `languages` is empty for a site in one language."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        languages: dict[str, Mapping[str, Any]],
        default: str,
        root: Path,
    ) -> None:
        self._settings = settings
        self._languages = languages
        self._default = default
        self._root = root

    def contents(self, folder: Path) -> Iterator[Content]:
        """Yield the folders of pages at or below `folder`, each with its language."""
        for content in self._all():
            if folder in {self._root, content.folder}:
                yield content
            elif folder.is_relative_to(content.folder):
                inside = folder.relative_to(content.folder).as_posix()
                below = f"{content.below}{inside}/"
                yield self._content(folder, content.language, below)

    def every(self) -> Iterator[Content]:
        """Yield the settings of each language, independent of folders."""
        for language in self._languages or (self._default,):
            yield self._content(self._root, language, "")

    def _all(self) -> Iterator[Content]:
        if mounts := list(self._mounts()):
            yield from mounts
            return
        usual = line(self._settings.get("contentdir")) or "content"
        names = {
            name: line(own.get("contentdir")) or usual for name, own in self._languages.items()
        }
        names.setdefault(self._default, usual)
        # If languages share a folder, the file name has the language of a page.
        for place in dict.fromkeys(names.values()):
            mine = [name for name, own in names.items() if own == place]
            language = self._default if self._default in mine else mine[0]
            folder = (self._root / place).resolve()
            if folder.is_dir() and folder.is_relative_to(self._root):
                yield self._content(folder, language, "")

    def _mounts(self) -> Iterator[Content]:
        mounts = table(self._settings.get("module")).get("mounts")
        for mount in mounts if isinstance(mounts, list) else ():
            mount = lowered(mount) if isinstance(mount, dict) else {}  # noqa: PLW2901
            target = line(mount.get("target"))
            if target == "content" or target.startswith("content/"):
                folder = (self._root / line(mount.get("source"))).resolve()
                below = target.removeprefix("content").lstrip("/")
                language = line(mount.get("lang")).lower() or self._default
                if folder.is_dir() and folder.is_relative_to(self._root):
                    yield self._content(folder, language, f"{below}/" if below else "")

    def _content(self, folder: Path, language: str, below: str) -> Content:
        own = self._languages.get(language, {})
        # A site without languages may be in any language.
        stated = line(own.get("locale") or own.get("languagecode"))
        if not self._languages:
            stated = line(self._settings.get("locale") or self._settings.get("languagecode"))
        named = language if language in self._languages else ""
        hosts = [line(one.get("baseurl")) for one in self._languages.values()]
        is_own = self._settings.get("defaultcontentlanguageinsubdir") is True
        in_folder = is_own or (language != self._default and bool(self._languages))
        return Content(
            folder=folder,
            prefix=f"{language}/" if in_folder and not (hosts and all(hosts)) else "",
            below=below,
            language=tag_of(stated or named) or "",
            url=site_url(line(own.get("baseurl"))),
            settings=own,
        )

    def spoken(self, page: PageOf) -> tuple[PageOf, Content]:
        """Return a page without the language in its name, and the settings of that language."""
        name, dot, language = page.path.stem.rpartition(".")
        if not dot or language.lower() not in {*self._languages, self._default}:
            return page, page.content
        content = self._content(page.content.folder, language.lower(), page.content.below)
        return _renamed(page, f"{name}{page.path.suffix}"), content

    def place(self, page: PageOf) -> Address:
        """Return the address of a page."""
        page, content = self.spoken(page)
        settings = {**self._settings, **content.settings}
        if url := line(page.fields.get("url")):
            wanted = filled(url, lambda name, part: self._word(page, name, part))
            ending = "" if "." in url.rpartition("/")[2] or url.endswith("/") else "/"
            start = "" if url.startswith("/") else content.prefix
            return Address(path=f"{content.url}{start}{wanted.lstrip('/')}{ending}")
        section = page.path.parts[0].lower() if len(page.path.parts) > 1 else "/"
        rules = table(settings.get("permalinks"))
        pages = table(rules.get("page")) or rules
        if pattern := line(pages.get(section)):
            made = filled(pattern, lambda name, part: self._word(page, name, part))
            made = re.sub("/{2,}", "/", f"{made.strip('/')}/")
            made = made if settings.get("disablepathtolower") is True else made.lower()
            named = page.path.parent.parts if ":section" in pattern else ()
            is_sure = "+" not in made
            if not is_sure:  # the filled pattern is taken for a query, in which it is a blank
                made = self._urlized(made.replace("+", " "))
        else:
            made, named = self._plain(page, settings), page.path.with_suffix("").parts
            is_sure = True
        # Before Hugo 0.123, folders and files were treated as titles are.
        is_sure = is_sure and all(self._named(name) == self._urlized(name) for name in named)
        return Address(path=f"{content.url}{content.prefix}{made.lstrip('/')}", is_sure=is_sure)

    def _plain(self, page: PageOf, settings: Mapping[str, Any]) -> str:
        """Return the address that follows the path of the file."""
        path = page.path
        folder = PurePosixPath(*map(self._named, path.parent.parts))
        own = self._urlized(self._slug(page))
        if path.stem == "index":  # a page bundle has the name of its folder
            whole = folder.with_name(own) if own and folder.name else folder
        else:
            whole = folder / (own or self._named(path.stem))
        ugly = settings.get("uglyurls")
        is_ugly = ugly is True or (isinstance(ugly, dict) and ugly.get(path.parts[0]) is True)
        return f"{whole.as_posix()}{'.html' if is_ugly else '/'}"

    def _slug(self, page: PageOf) -> str:
        """Return the slug of a page, which may follow a day in its file name."""
        own = line(page.fields.get("slug"))
        dates = table(self._settings.get("frontmatter")).get("date")
        if not own and isinstance(dates, list) and ":filename" in dates:
            own = page.stem if page.stem != page.path.stem else ""
        return own

    def _word(self, page: PageOf, name: str, part: str) -> str:
        path = page.path
        base = path.parent.name if path.stem == "index" else path.stem
        slug = self._slug(page)
        words = {
            "title": page.title,
            "slug": slug or page.title,
            "slugorfilename": slug or base,
            "slugorcontentbasename": slug or base,
            "filename": base,
            "contentbasename": base,
        }
        if name in words:
            return self._urlized(words[name])
        if name == "section":
            return self._named(path.parts[0]) if len(path.parts) > 1 else ""
        if name == "sections":
            return "/".join(map(self._named, _part(self._sections(page), part)))
        plain = {"yearday": page.moment.timetuple().tm_yday, "1": page.moment.month,
                 "2": page.moment.day}  # fmt: skip
        if name in plain:
            return str(plain[name])
        return page.moment.strftime(_DATED[name]) if name in _DATED else ""

    def _sections(self, page: PageOf) -> list[str]:
        """Return the folders that are sections: the first, and those with an `_index` page."""
        path = page.path
        above = path.parent.parts[:-1] if path.stem == "index" else path.parent.parts
        found = []
        for depth, name in enumerate(above):
            inside = PurePosixPath(*above[: depth + 1]).as_posix()
            folder = page.content.folder / inside.removeprefix(page.content.below.rstrip("/"))
            if depth == 0 or any(folder.glob("_index.*")):
                found.append(name)
        return found

    def _named(self, name: str) -> str:
        """Return the name of a folder or a file as a part of an address."""
        return self._urlized(name.replace(" ", "-"))

    def _urlized(self, text: str) -> str:
        """Return a text as a part of an address: lower case, with hyphens for spaces."""
        if self._settings.get("removepathaccents") is True:
            bare = normalised("NFD", text)
            text = "".join(c for c in bare if unicodedata.category(c) != "Mn")
        words = ""
        is_apart = False
        for c in text:
            if c in "._-+~#/@\\" or unicodedata.category(c)[0] in "LM" or c.isdecimal():
                words += f"-{c}" if is_apart and c != "-" else c
                is_apart = False
            elif c.isspace() and words and not words.endswith("-"):
                is_apart = True
        if self._settings.get("disablepathtolower") is True:
            return words
        return "".join(c.lower()[0] for c in words)  # of each letter alone, as Go does


def _part(sections: list[str], wanted: str) -> list[str]:
    """Return the sections that `[1:]`, `[:2]`, `[0]` or `[last]` selects; all for no selection."""
    last = str(len(sections) - 1)
    first, colon, end = wanted.replace("last", last).partition(":")
    try:
        if colon:
            return sections[int(first or 0) : int(end) if end else None]
        return [sections[int(first)]] if first else sections
    except (ValueError, IndexError):
        return []


def _renamed(page: PageOf, name: str) -> PageOf:
    path = page.path.with_name(name)
    stem = path.stem if page.stem == page.path.stem else page.stem.rpartition(".")[0]
    return replace(page, path=path, stem=stem)
