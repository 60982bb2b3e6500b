"""Which file, or which address, is meant by a field of a draft, or by a link in its body?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import unquote, urlsplit

from dateline.entries.filenames import is_entry
from dateline.entries.media import media_type_of
from dateline.entries.normalise.field_problems import FieldProblems
from dateline.entries.normalise.links import Link, leads_indoors, link_of, names_a_file
from dateline.entries.normalise.pictures import with_sizes, without_words
from dateline.entries.parse.suggestions import is_on_a_computer, own_place, typed
from dateline.errors import EntryError
from dateline.messages import shown
from dateline.messages.values import Value
from dateline.model import Media
from dateline.text.characters import straight, tidy
from dateline.text.urls import web_address


class FileSource(Protocol):
    """The files beside an entry (`dateline.entries.media.nearby.NearbyFiles`)."""

    def take(self, *names: str) -> Media | None:
        """Publish the first file that is called one of `names`; None where there is none."""

    def page(self, name: str) -> tuple[str, bool]:
        """Return the address of the entry whose file is called so, and whether that is there."""

    def names(self, wanted: str) -> Value:
        """Say which files are there that `wanted` could mean."""


@dataclass(slots=True, kw_only=True)
class Places:
    """Reads the addresses and the names of files of one draft.

    `url` is the publication's, `home` its organisation's.
    Where the text is taken back (`is_retracted`), nothing of its files is shown, and nothing that
    is wrong with them keeps the reason from going out.
    """

    proof: FieldProblems
    files: FileSource
    url: str
    home: str = ""
    is_retracted: bool = False
    _named: dict[str, Media | None] = field(default_factory=dict)  # by the body, as it is written

    def link(self) -> str | None:
        """Give the page on the organisation's own site."""
        written = self.proof.line("link")
        if not written:
            return None
        link = link_of(written)
        if link.address and leads_indoors(link.address, self.url):
            link = Link(None, "link-indoors")
        if link.code:
            self.proof.say(link.code, "link", found=shown(written), wanted=link.wanted)
        return link.address

    def image(self) -> Media | None:
        """Give the picture, with what it shows in words."""
        written = self.proof.line("image")
        if not written:
            return None
        if not media_type_of(unquote(written)).startswith(("image/", media_type_of(""))):
            wanted = typed("attachments", written)
            self.proof.say("image-no-picture", "image", found=shown(written), wanted=wanted)
            return None
        image = self._media(written, "image")
        if image is None:
            return None
        alt = self.proof.line("image_alt")
        if not alt:
            self.proof.say("image-no-alt", "image")
        return replace(image, alt=alt, credit=self.proof.line("image_credit"))

    def attachments(self) -> tuple[Media, ...]:
        """Give the files that go with the text."""
        found = [self._media(name, "attachments") for name in self.proof.names("attachments")]
        return tuple([media for media in found if media])

    @property
    def inline(self) -> tuple[Media, ...]:
        """Return the files that the body names, each once."""
        return tuple({media.url: media for media in self._named.values() if media}.values())

    def beside(self, name: str) -> str | None:
        """Give where readers find what the body names: a file, or a page of the field link's site.

        Nothing where that is missing, or leads nowhere.
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

    def _entry(self, name: str) -> str:
        """Give the address of another entry, whose file the body names."""
        try:
            address, is_there = self.files.page(name)
        except EntryError:
            address, is_there = "", False
        if not address and is_there:
            self.proof.say_in_body("body-entry-early", name)
        elif not address and self.proof.has_room_in_body("body-entry-missing"):
            self.proof.say_in_body("body-entry-missing", name, wanted=self.files.names(name))
        return address

    def _page(self, name: str) -> str:
        """Give the address of a page that is named as another page of its site names it."""
        link = link_of(self.proof.line("link")).address
        if name.startswith("/") and urlsplit(self.home).netloc == urlsplit(self.url).netloc:
            link = link or self.home
        address = web_address(name, link) if link else None
        if address is None:
            self.proof.say_in_body("body-link-nowhere", name)
        else:
            self.proof.say_in_body("body-link-completed", name, wanted=address)
        return address or ""

    def with_pictures(self, whole: str) -> str:
        """Return the body with the sizes of its pictures; those without words are reported."""
        if not self._named:
            return whole
        named = {media.url: name for name, media in self._named.items() if media}
        files = {media.url: media for media in self._named.values() if media}
        for media in without_words(whole, files):
            if self.proof.has_room_in_body("picture-no-alt"):
                self.proof.say_in_body("picture-no-alt", named[media.url])
        return with_sizes(whole, files)

    def _taken(self, names: Sequence[str]) -> Media | None:
        """Publish a file that the body names."""
        if self.is_retracted:
            return None
        try:
            taken = self.files.take(*names)
        except EntryError as error:
            self.proof.pass_on_in_body(error.problems, names[0])
            return None
        if taken is None and self.proof.has_room_in_body("image-not-there"):
            self.proof.say_in_body("image-not-there", names[0], wanted=self.files.names(names[0]))
        return taken

    def _media(self, written: str, name: str) -> Media | None:
        """Give a file beside the entry, or one that stays at its web address."""
        address = web_address(written)
        if address:
            title = straight(tidy(unquote(urlsplit(address).path.rsplit("/", 1)[1])))
            return Media(
                url=address, path=None, media_type=media_type_of(title), length=0, title=title
            )
        if is_on_a_computer(written):
            code, wanted = own_place(name, written)
            self.proof.say(code, name, found=shown(written), wanted=wanted)
            return None
        if self.is_retracted:
            return None
        told = len(self.proof.problems)
        names = dict.fromkeys((written, unquote(written)))
        taken = self._take(names, name, self.proof.draft.lines.get(name))
        if taken is None and len(self.proof.problems) == told:
            here = self.files.names(written)
            self.proof.say("image-not-there", name, found=shown(written), wanted=here)
        return taken

    def _take(self, names: Iterable[str], name: str, line: int | None) -> Media | None:
        try:
            return self.files.take(*names)
        except EntryError as error:
            self.proof.pass_on(error.problems, name, line)
            return None
