"""One page of a site generator, as an item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from html import unescape
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from dateline.entries.normalise.links import names_a_file
from dateline.entries.parse import kept_back
from dateline.entries.pasted import html_to_markdown
from dateline.importing.items import File, ImportedItem, stated
from dateline.importing.sources import restricted
from dateline.importing.sources.sites.front_matter import Matter, is_true, line, lines, table
from dateline.importing.sources.sites.permalinks import Content, PageOf, SiteSettings
from dateline.importing.sources.sites.shortcodes import Commands
from dateline.text.expressions import regex
from dateline.text.language import tag_of
from dateline.text.urls import joined

_DATED = regex(r"(\d{4})-(\d{2})-(\d{2})-(.+)")
_DATED_BY_JEKYLL = regex(r"(\d{4})-(\d{1,2})-(\d{1,2})-(.+)")
_DAY = regex(r"\d{4}-\d{2}-\d{2}")  # the first in a path counts for Eleventy
_LINK = regex(r"\]\(\s*<?([^)\s>]+)")
_PICTURES = ("image", "featured_image", "cover", "thumbnail", "images")
_GROUPS = frozenset({"post", "posts", "all"})  # tags by which Eleventy's users collect pages


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReader:
    """Reads the pages of `content`, of a site whose files are below `root`."""

    root: Path
    content: Content
    site: SiteSettings
    today: date

    def item(self, path: Path, matter: Matter) -> ImportedItem | None:
        """Return a page as an item, or None for a page without a date, which is no news."""
        inside = PurePosixPath(self.content.below) / path.relative_to(self.content.folder)
        fields = {**self.site.defaults(inside), **matter.fields}
        pattern = _DATED_BY_JEKYLL if self.site.kind == "Jekyll" else _DATED
        dated = pattern.fullmatch(path.stem)
        day = "-".join(part.zfill(2) for part in dated.groups()[:3]) if dated else None
        if self.site.kind == "Eleventy" and (named := _DAY.search(inside.as_posix())):
            day = named[0]
        written = self._written(fields) or day
        is_draft = _is_draft(path, fields)
        if written is None:
            if not is_draft:
                return None
            # When the file was last changed, so that a second import has the same moment.
            written = datetime.fromtimestamp(path.stat().st_mtime, self.site.zone)
        expires = self._first(fields, *self.site.expiring)
        is_draft = is_draft or self._is_over(expires)
        is_draft = is_draft or self.site.hides(self.content, inside, fields)
        hidden = [f"has {name}, so it is a draft" for name in _hiding(fields)]
        moment, question = self._moment(written)
        # Hugo's feed has the day of publication, its addresses have that of the page.
        placed = self._first(fields, "date") if self.site.kind == "Hugo" else None
        page = self._page(inside, fields, dated[4] if dated else path.stem, placed or moment)
        address, is_sure = self.site.address(page)
        item = ImportedItem(
            origin=inside.as_posix(),
            title=unescape(page.title),
            date=moment,
            question="" if is_draft else question,
            id="" if is_draft else self.site.name(page, address),
            link="" if is_draft else address,
            updated=self._first(fields, "modified", "lastmod", "last_modified_at"),
            base=address,
            summary=unescape(line(fields.get("summary") or fields.get("description"))),
            authors=self._authors(fields.get("authors") or fields.get("author")),
            categories=tuple(map(unescape, _topics(fields, page))),
            language=tag_of(line(fields.get("lang") or fields.get("language")))
            or self.site.language(page),
            draft=is_draft,
            losses=tuple(hidden),
            expires=expires,
            is_assumed=not (is_draft or is_sure),
        )
        return self._with_text(item, path, matter)

    def _authors(self, written: object) -> tuple[str, ...]:
        """Return the names of authors: Pelican's stand between semicolons if there is one."""
        is_parted = self.site.kind == "Pelican" and ";" in line(written)
        return tuple(map(unescape, lines(written, ";" if is_parted else ",")))

    def _is_over(self, expires: datetime | None) -> bool:
        """Return whether a page has expired before today: Hugo makes it no more."""
        if expires is None or self.site.kind != "Hugo":
            return False
        return expires <= datetime.combine(self.today, time.min, self.site.zone)

    def _written(self, fields: Mapping[str, Any]) -> object:
        """Return the date as written: the one that the generator's feed has."""
        return _first_value(fields, self.site.dated)

    def _with_text(self, item: ImportedItem, path: Path, matter: Matter) -> ImportedItem:
        """Add the text of a page, and the local files that it names."""
        values = {"site": self.site.settings, "page": matter.fields}
        commands = Commands(kind=self.site.kind, url=self.site.url, values=values)
        text = commands.expand(matter.text)
        fields = matter.fields
        picture = next((name for key in _PICTURES for name in lines(fields.get(key))), "")
        named = [*html_to_markdown.pictures_in_markdown(text), *_LINK.findall(text), picture]
        losses = [*item.losses, *(f"has {command}, which is left out" for command in commands.left)]
        parts = restricted.restricting(command.strip("{}<>% ") for command in commands.left)
        losses += map(restricted.loss, parts)
        if path.suffix.lower() == ".rst":
            losses.append("is in reStructuredText, which stands as it is")
        is_html = path.suffix.lower() == ".html"
        return replace(
            item,
            markdown="" if is_html else text,
            html=text if is_html else "",
            image=File(address=picture) if picture else None,
            found=self._files(path, named, item.base),
            root=self.root,
            draft=item.draft or bool(parts),
            losses=tuple(losses),
            is_raw=bool(losses),
        )

    def _first(self, fields: Mapping[str, Any], *names: str) -> datetime | None:
        """Return the moment in the first of these fields that has a value."""
        written = _first_value(fields, names)
        return self._moment(written)[0] if written else None

    def _page(
        self, inside: PurePosixPath, fields: Mapping[str, Any], stem: str, moment: datetime | None
    ) -> PageOf:
        words = stem.split("-")
        made = " ".join(map(str.capitalize, words)) if self.site.kind == "Jekyll" else ""
        start = moment or datetime.combine(self.today, time.min, self.site.zone)
        return PageOf(
            content=self.content,
            path=inside,
            stem=stem,
            title=line(fields.get("title")) or made or " ".join(words).capitalize(),
            # Jekyll converts a moment to the zone of the site, the others use it as written.
            moment=start.astimezone(self.site.zone) if self.site.kind == "Jekyll" else start,
            fields=fields,
            categories=self._categories(inside, fields),
        )

    def _moment(self, written: object) -> tuple[datetime | None, str]:
        """Return the moment of a date (of a bare day the first), and the question to staff."""
        if isinstance(written, datetime):
            # Ruby's YAML takes a time without a zone for UTC.
            zone = UTC if self.site.kind == "Jekyll" else self.site.zone
            return (written if written.tzinfo else written.replace(tzinfo=zone)), ""
        if isinstance(written, date):
            return datetime.combine(written, time.min, self.site.zone), ""
        found = stated(line(written), self.today, zone=self.site.zone)
        return found.moment, f"{found.note}: when was it published?" if found.note else ""

    def _categories(self, inside: PurePosixPath, fields: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the categories; Jekyll's are words, the folders above `_posts` first."""
        if self.site.kind != "Jekyll":
            return tuple(lines(fields.get("categories") or fields.get("category"), ","))
        own = (*lines(fields.get("categories"), " "), *lines(fields.get("category")))
        above = takewhile(lambda part: part not in {"_posts", "_drafts"}, inside.parts[:-1])
        usual = lines(self.site.defaults(inside).get("categories"), " ")
        return tuple(dict.fromkeys((*above, *usual, *own)))

    def _files(self, path: Path, named: Iterable[str], base: str) -> dict[str, Path]:
        """Return the files inside the site that a text names, by those names and whole addresses.

        In a text in HTML, the names have become addresses.
        """
        found = {}
        for name in filter(names_a_file, named):
            bare = unquote(name.partition("?")[0].partition("#")[0])
            places = (path.parent / bare, *(top / bare.lstrip("/") for top in self._tops()))
            for place in places:
                if place.resolve().is_relative_to(self.root) and place.is_file():
                    found[name] = found[joined(base, name)] = place.resolve()
                    break
        return found

    def _tops(self) -> tuple[Path, ...]:
        tops = ("static", "assets", "public")
        return (*(self.root / top for top in tops), self.content.folder, self.root)


def _first_value(fields: Mapping[str, Any], names: Iterable[str]) -> Any:
    """Return the value of the first of these fields that has one, which yes or no is none."""
    found = (fields.get(name) for name in names)
    return next((one for one in found if one and str(one).lower() not in {"true", "false"}), None)


def _is_draft(path: Path, fields: Any) -> bool:
    """Return whether a page was never published."""
    return (
        is_true(fields.get("draft"))
        or str(fields.get("published")).lower() == "false"
        or kept_back.is_not_public(line(fields.get("status")))
        or "_drafts" in path.parts
        or any(True for _ in _hiding(fields))
    )


def _hiding(fields: Any) -> Iterator[str]:
    """Yield the fields that keep a page from readers, as themes and plugins have them.

    Hugo reads those in `params` as if they stood beside it; Zola has those of themes in `extra`.
    """
    inner = (table(fields.get(name)) for name in ("params", "extra"))
    for name, value in (pair for part in (fields, *inner) for pair in part.items()):
        if kept_back.is_hidden(str(name), value):
            yield str(name)


def _topics(fields: Any, page: PageOf) -> tuple[str, ...]:
    tags = lines(fields.get("tags"), "," if "," in line(fields.get("tags")) else " ")
    named = (*page.categories, *tags)
    return tuple(dict.fromkeys(name for name in named if name not in _GROUPS))
