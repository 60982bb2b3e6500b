"""The files and addresses that the fields of a draft and the links of its body name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import unquote, urlsplit

from dateline.entries.fields import TITLE_LENGTH
from dateline.entries.filenames import is_entry
from dateline.entries.media import media_type_of
from dateline.entries.normalise.field_problems import FieldProblems, NamedFile
from dateline.entries.normalise.links import Link, leads_indoors, link_of, names_a_file, unwrapped
from dateline.entries.parse.suggestions import is_on_a_computer, line_with, own_place
from dateline.errors import EntryError
from dateline.messages import shown
from dateline.messages.values import Value
from dateline.model import Media
from dateline.model.media import undescribed
from dateline.text.characters import clean_text, straight
from dateline.text.expressions import regex
from dateline.text.urls import web_address

# Whole tags, as `dateline.entries.normalise.markdown` writes them.
_TAG = regex(r'<(?P<slash>/?)(?P<name>a|img)\b(?P<attributes>(?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = regex(r' ([a-z]+)="([^"]*)"')
_PICTURE = "image/"


class FileSource(Protocol):
    """The files beside an entry (`dateline.entries.media.nearby.NearbyFiles`)."""

    def take(self, *names: str, is_whole: bool = False) -> Media | None:
        """Publish the first file that is called one of `names`; None where there is none.

        A picture that `is_whole` is not made smaller.
        """

    def page(self, name: str) -> tuple[str, str]:
        """Return the address of the entry in the file `name`, or the code of what is wrong."""

    def names(self, wanted: str) -> Value:
        """Return the names of files that `wanted` could mean, for the message."""


@dataclass(slots=True, kw_only=True)
class FileReferences:
    """Reader of the addresses and the names of files of one draft.

    `url` is the publication's, `home` its organisation's. Of an entry that `is_retracted` no files
    are shown, and no fault of theirs holds its reason.
    """

    fields: FieldProblems
    files: FileSource
    url: str
    home: str = ""
    is_retracted: bool = False
    _named: dict[str, Media | None] = field(default_factory=dict)  # by the body, as it is written
    _linked: tuple[str | None, ...] = ()  # the address in `link`, once the body needed it

    def link(self) -> str | None:
        """Return the page on the organisation's own site."""
        written = self.fields.line("link")
        if not written:
            return None
        written = unwrapped(written, self._report_around)
        link = link_of(written)
        if link.address and leads_indoors(link.address, self.url):
            link = Link(None, "link-indoors")
        if link.code:
            self.fields.report(link.code, "link", found=shown(written), wanted=link.wanted)
        return link.address

    def _report_around(self, address: str) -> None:
        self.fields.report("link-unwrapped", "link", found=shown(address))

    def image(self) -> Media | None:
        """Return the picture, with what is said of it."""
        written = self.fields.line("image")
        if not written:
            return None
        if not media_type_of(unquote(written)).startswith(("image/", media_type_of(""))):
            wanted = line_with("attachments", written)
            self.fields.report("image-no-picture", "image", found=shown(written), wanted=wanted)
            return None
        image = self._media(written, "image")
        if image is None:
            return None
        line = self.fields.line
        alt = line("image_alt")
        if not alt:
            self.fields.report("image-no-alt", "image")
        return replace(image, alt=alt, caption=line("image_caption"), credit=line("image_credit"))

    def attachments(self) -> tuple[Media, ...]:
        """Return the files that go with the text, each once."""
        found: dict[str, Media] = {}
        named: dict[str, NamedFile] = {}
        for one in self.fields.files("attachments"):
            first = named.setdefault(one.file.casefold(), one)
            media = self._attached(one) if first is one else None
            if first is not one or (media and media.url in found):
                self._report_twice(one, first)
            elif media:
                found[media.url] = media
        return tuple(found.values())

    def _attached(self, named: NamedFile) -> Media | None:
        """Return a file with what staff say of it, which overrides what it says of itself."""
        media = self._media(named.file, "attachments", named.line)
        if media is None or self.is_retracted:
            return media
        if len(named.title) > TITLE_LENGTH:
            length = str(len(named.title))
            self.fields.report("title-too-long", "attachments", found=length, line=named.line)
        if named.title:
            media = replace(media, title=named.title, own_title="")
        if named.language:
            tag = self.fields.tag("attachments", named.language, line=named.line)
            media = replace(media, language=tag or "")
        return media

    def _report_twice(self, second: NamedFile, first: NamedFile) -> None:
        """Report a file that is named twice; without titles nothing is lost."""
        if any((*first[2:], *second[2:])):
            found = shown(second.file)
            self.fields.report("file-twice", "attachments", found=found, line=second.line)

    @property
    def inline(self) -> tuple[Media, ...]:
        """Return the files that the body names, each once."""
        return tuple({media.url: media for media in self._named.values() if media}.values())

    def beside(self, name: str) -> str | None:
        """Return the public address of a file, entry or page that the body names.

        It is empty where that is missing, or leads nowhere.
        """
        written = (unquote(name), unquote(name.partition("?")[0]), name)
        names = [one for one in dict.fromkeys(written) if names_a_file(one)]
        if not names:
            entry = unquote(name)
            return self._entry(entry) if is_entry(entry) else self._page(name)
        if names[0] not in self._named:
            self._named[names[0]] = self._taken(names)
        taken = self._named[names[0]]
        return taken.url if taken else ""

    def report_lost(self, tag: str, address: str) -> None:
        """Report a link or a picture of the body whose address no reader can open."""
        code = "body-picture-lost" if tag == "img" else "body-link-lost"
        self.fields.report_in_body(code, address)

    def _entry(self, name: str) -> str:
        """Return the address of another entry, whose file the body names."""
        try:
            address, code = self.files.page(name)
        except EntryError:
            address, code = "", "body-entry-missing"
        if code and self.fields.has_room_in_body(code):
            wanted = self.files.names(name) if code == "body-entry-missing" else ""
            self.fields.report_in_body(code, name, wanted=wanted)
        return address

    def _page(self, name: str) -> str:
        """Return the address of a page that is named relative to the page in `link`."""
        self._linked = self._linked or (link_of(self.fields.line("link")).address,)
        link = self._linked[0]
        if name.startswith("/") and urlsplit(self.home).netloc == urlsplit(self.url).netloc:
            link = link or self.home
        address = web_address(name, link) if link else None
        if address is None:
            self.fields.report_in_body("body-link-nowhere", name)
        else:
            self.fields.report_in_body("body-link-completed", name, wanted=address)
        return address or ""

    def with_pictures(self, whole: str) -> str:
        """Return the body with the sizes of its pictures; those without words are reported."""
        if not self._named:
            return whole
        named = {media.url: name for name, media in self._named.items() if media}
        files = {media.url: media for media in self._named.values() if media}
        for media in _without_words(whole, files):
            if self.fields.has_room_in_body("picture-no-alt"):
                self.fields.report_in_body("picture-no-alt", named[media.url])
        return _with_sizes(whole, files)

    def _taken(self, names: Sequence[str]) -> Media | None:
        """Publish a file that the body names."""
        if self.is_retracted:
            return None
        try:
            taken = self.files.take(*names)
        except EntryError as error:
            self.fields.pass_on_in_body(error.problems, names[0])
            return None
        taken = taken and replace(undescribed(taken), renditions=taken.renditions)
        if taken is None and self.fields.has_room_in_body("image-not-there"):
            self.fields.report_in_body(
                "image-not-there", names[0], wanted=self.files.names(names[0])
            )
        return taken

    def _media(self, written: str, name: str, line: int | None = None) -> Media | None:
        """Return a file beside the entry, or one that stays at its web address."""
        address = web_address(written)
        if address:
            title = straight(clean_text(unquote(urlsplit(address).path.rsplit("/", 1)[1])))
            return Media(
                url=address, path=None, media_type=media_type_of(title), length=0, title=title
            )
        if is_on_a_computer(written):
            is_alone = name != "attachments" or len(self.fields.files(name)) == 1
            code, wanted = own_place(name, written, is_alone=is_alone)
            self.fields.report(code, name, found=shown(written), wanted=wanted, line=line)
            return None
        if self.is_retracted:
            return None
        before = len(self.fields.problems)
        names = dict.fromkeys((written, unquote(written)))
        taken = self._take(names, name, line or self.fields.draft.lines.get(name))
        is_missing = taken is None and len(self.fields.problems) == before
        if is_missing and self.fields.has_room("image-not-there", name):
            here = self.files.names(written)
            self.fields.report(
                "image-not-there", name, found=shown(written), wanted=here, line=line
            )
        return taken

    def _take(self, names: Iterable[str], name: str, line: int | None) -> Media | None:
        try:
            return self.files.take(*names, is_whole=name == "attachments")
        except EntryError as error:
            self.fields.pass_on(error.problems, name, line)
            return None


def _with_sizes(fragment: str, files: Mapping[str, Media]) -> str:
    """Return HTML in which each of `files`, by address, has its size where it is shown.

    A browser then keeps its place free. A file that is shown and is no picture becomes a link.

    >>> photo = Media(url="https://a.org/b.png", path="b.png", media_type="image/png", length=9,
    ...     width=4, height=3)
    >>> _with_sizes('<img src="https://a.org/b.png" alt="A bridge">', {photo.url: photo})
    '<img src="https://a.org/b.png" alt="A bridge" width="4" height="3">'
    """
    is_link = False

    def sized(tag: re.Match[str]) -> str:
        nonlocal is_link
        if tag["name"] == "a":
            is_link = not tag["slash"]
            return tag[0]
        attributes = dict(_ATTRIBUTE.findall(tag["attributes"]))
        media = files.get(html.unescape(attributes.get("src", "")))
        if media is None:
            return tag[0]
        if media.media_type.startswith(_PICTURE):
            if not media.width:
                return tag[0]
            return f'{tag[0][:-1]} width="{media.width}" height="{media.height}">'
        words = attributes.get("alt") or html.escape(media.title, quote=False)
        return words if is_link else f'<a href="{attributes["src"]}">{words}</a>'

    return _TAG.sub(sized, fragment)


def _without_words(fragment: str, files: Mapping[str, Media]) -> Iterator[Media]:
    """Yield each of `files` that is shown and not described, once."""
    found: dict[str, Media] = {}
    for tag in _TAG.finditer(fragment):
        attributes = dict(_ATTRIBUTE.findall(tag["attributes"]))
        media = files.get(html.unescape(attributes.get("src", "")))
        if (
            media
            and media.media_type.startswith(_PICTURE)
            and not attributes.get("alt", "").strip()
        ):
            found[media.url] = media
    yield from found.values()
