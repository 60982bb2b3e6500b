"""Which file, or which address, is meant by a field of a draft, or by a link in its body?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import unquote, urlsplit

from dateline.address import web_address
from dateline.errors import EntryError
from dateline.letters import straight, tidy
from dateline.links import Link, leads_indoors, link_of, names_a_file
from dateline.media import media_type_of
from dateline.messages import shown
from dateline.model import Media
from dateline.normalise.proof import Proof
from dateline.wanted import is_on_a_computer, own_place, typed


class Files(Protocol):
    """The files beside an entry (`dateline.beside.Beside`)."""

    def take(self, name: str) -> Media | None:
        """Publish the file called `name`; None where there is none."""

    def names(self, wanted: str) -> str:
        """Say which files are there that `wanted` could mean."""


@dataclass(slots=True, kw_only=True)
class Places:
    """Reads the addresses and the names of files of one draft; `url` is the publication's."""

    proof: Proof
    files: Files
    url: str
    _named: dict[str, str] = field(default_factory=dict)

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

    def beside(self, name: str) -> str | None:
        """Give where readers find a file that the body names: nothing where it is missing.

        None where it is no name of a file.
        """
        bare = unquote(name.partition("?")[0])
        if not names_a_file(bare):
            return None
        if bare not in self._named:
            self._named[bare] = self._taken(bare)
        return self._named[bare]

    def _taken(self, bare: str) -> str:
        """Publish a file that the body names; give its address, or nothing."""
        try:
            taken = self.files.take(bare)
        except EntryError as error:
            self.proof.pass_on(error.problems, "body", self.proof.line_in_body(bare))
            return ""
        if taken is None and self.proof.has_room_in_body("image-not-there"):
            self.proof.say_in_body("image-not-there", bare, wanted=self.files.names(bare))
        return taken.url if taken else ""

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
        told = len(self.proof.problems)
        taken = self._take(written, name, self.proof.draft.lines.get(name))
        if taken is None and len(self.proof.problems) == told:
            wanted = self.files.names(written)
            self.proof.say("image-not-there", name, found=shown(written), wanted=wanted)
        return taken

    def _take(self, written: str, name: str, line: int | None) -> Media | None:
        try:
            return self.files.take(written)
        except EntryError as error:
            self.proof.pass_on(error.problems, name, line)
            return None
