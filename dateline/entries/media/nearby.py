"""The files beside an entry that it names.

A name in `image`, `attachments` or the text is searched in the entry's own folder, then from the
top of the entries folder. No file outside the entries folder is ever read.
"""

from __future__ import annotations

import posixpath
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from zipfile import is_zipfile

from dateline.entries import media, scan
from dateline.entries.fields import SCHEMA_NAME
from dateline.entries.filenames import folder_of, is_entry, name_key, shown_path, stray_code
from dateline.entries.media.picture_store import PictureOf, as_it_is, published
from dateline.entries.scan import FileStamp, Scan, loose
from dateline.errors import EntryError, MediaError, Problem
from dateline.messages.values import Value, phrase
from dateline.model import Document, Media
from dateline.system import heartbeat
from dateline.system.safe_files import could_exist
from dateline.text.expressions import regex

_SHOWN = 5  # names in a message
# What is wrong with a file of which only the beginning is there, or its size alone.
_UNFINISHED = frozenset({"media-broken", "media-not-what-its-name-says"})
_MOST = 100  # documents that an entry names without showing them
_MOST_PAGES = 2000  # entries that one names: each is looked for in the ledger, in milliseconds
_MOST_PLACES = 4000  # at which the files may be that an entry names: all are kept in the ledger
# A name with an ending, in quotes or as the address of a link.
_NAMED = regex(r"""["'(<]([^"'()<>\n]{1,250}\.[A-Za-z]{2,10})["')> ]""")


PageOf = Callable[[str, str], tuple[str, str, bool] | None]
"""Returns address and file of the entry that the entry at a path names, and whether it is out.

One that is not was withdrawn. Address and file are empty for one that was taken down.
"""


def no_page(path: str, name: str) -> tuple[str, str, bool] | None:  # noqa: ARG001 - as PageOf has them
    """Return no page: for a publication without entries, or the preview of a text alone."""
    return None


@dataclass(slots=True)
class NearbyFiles:
    """The files beside one entry, and those of them that it uses.

    `scan` has the files of the whole entries folder. `used` collects the files that the entry
    named, with their stamps (None: not there), `documents` those to publish. Files that changed
    after `settled`, in nanoseconds since 1970, are still being written, unless their stamp is
    `known` as settled. Where the entry `is_awaiting` its files, a missing one may still be on its
    way, and so may the rest of one that changed after `arriving`, in nanoseconds since 1970.
    `page_of` knows the pages of entries that are out, `picture_of` what becomes of a picture.
    """

    folder: Path
    entry: str
    scan: Scan
    url: str
    settled: int
    known: Mapping[str, FileStamp] = field(default_factory=dict)
    is_awaiting: bool = False
    arriving: int = 2**63
    page_of: PageOf = no_page
    picture_of: PictureOf = as_it_is
    used: dict[str, FileStamp | None] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    # What became of each file, whole or not: an entry can name one in very many ways.
    _taken: dict[tuple[str, bool], Media | tuple[Problem, ...]] = field(default_factory=dict)
    _pages: dict[str, tuple[str, str]] = field(default_factory=dict)  # of each entry it names

    def take(self, *names: str, is_whole: bool = False) -> Media | None:
        """Clean and publish the first file that is called one of `names`; None where none is.

        A picture has renditions, and none that `is_whole` is made smaller.
        Raises `EntryError` for a name that leads outside, a file that is still being written,
        and one that cannot be read or published.
        """
        path, stamp = self._found(names)
        if path in self.scan.strays and stamp and not self._may_be_read(path):
            raise self._outside(names[0])
        if stamp is None and self.scan.is_out_of_sight(path):
            raise self._refused("media-unreadable", names[0])
        if stamp is None and self.is_awaiting:
            raise self._refused("file-awaited", names[0])
        if stamp is None or is_entry(path):
            return None
        if stamp.changed > self.settled and self.known.get(path) != stamp:
            raise EntryError(Problem(code="file-changing", file=self.entry))
        if stamp.size > media.MAX_SIZE:
            raise self._refused("media-too-large", names[0])
        if (path, is_whole) not in self._taken:
            picture_of = as_it_is if is_whole else self.picture_of
            try:
                self._taken[path, is_whole] = self._published(path, stamp, names[0], picture_of)
            except EntryError as error:
                self._taken[path, is_whole] = error.problems
        taken = self._taken[path, is_whole]
        if isinstance(taken, tuple):
            raise EntryError(*taken)
        return taken

    def page(self, name: str) -> tuple[str, str]:
        """Return the address of the entry in the file `name`, and the code of what is wrong.

        One that was withdrawn has an address, too: its page says so. The entry that names it is
        read again when it changes. Raises `EntryError` for a name that leads outside, and where
        more entries are named than any text has.
        """
        if name not in self._pages:
            if len(self._pages) >= _MOST_PAGES:
                raise self._refused("body-entry-missing", name)
            self._pages[name] = self._page(name)
        return self._pages[name]

    def _page(self, name: str) -> tuple[str, str]:
        _, stamp = self._found([name])
        found = self.page_of(self.entry, name)
        if found is None:
            return "", "body-entry-early" if stamp else "body-entry-missing"
        address, path, is_out = found
        if not address:
            return "", "body-entry-gone"
        self.used[path] = self.scan.files.get(path)
        return address, "" if is_out or stamp else "body-entry-withdrawn"

    def note(self, text: str) -> None:
        """Remember the documents that an entry names in its text though it shows none of them.

        Word documents and plain texts would otherwise be taken for news in the wrong form.
        """
        for name in [*dict.fromkeys(map(unquote, _NAMED.findall(text)))][:_MOST]:
            if stray_code(PurePosixPath(name.replace("\\", "/")).name):
                with suppress(EntryError):  # it is outside
                    self._found([name])

    def names(self, wanted: str) -> Value:
        """Return the names of files that could be meant: of that name elsewhere, or here."""
        name = name_key(wanted.replace("\\", "/").rpartition("/")[2])
        elsewhere = [path for path in self.scan.paths if name_key(path.rpartition("/")[2]) == name]
        here = [file for file in self.scan.beside(self.entry) if file != SCHEMA_NAME]
        if is_entry(name):
            here = self._entries_near(name)
        found = ", ".join([*elsewhere, *here][:_SHOWN])
        return phrase("files-here", names=found) if found else phrase("no-files-here")

    def _entries_near(self, name: str) -> list[str]:
        """Return other entries of the folder, those next to `name` in the alphabet."""
        folder = folder_of(self.entry)
        paths = (path for path in self.scan.paths if folder_of(path) == folder and is_entry(path))
        names = [path[len(folder) :] for path in paths if path != self.entry]
        first = max(0, bisect(names, name) - _SHOWN // 2)
        return names[first : first + _SHOWN]

    def _published(self, path: str, stamp: FileStamp, name: str, picture_of: PictureOf) -> Media:
        title = PurePosixPath(path).name
        try:
            heartbeat.waiting(heartbeat.LONG)  # a slow disk is no fault of the entry
            data = scan.contents(self.folder, path, stamp, media.MAX_SIZE + 1)
            heartbeat.waiting()
            if stamp.changed > self.arriving and _lacks_its_end(data):
                raise self._refused("file-awaited", name)
            shown, documents = published(picture_of(data, title), self.url, title)
        except scan.ChangedError as error:
            raise EntryError(Problem(code="file-changing", file=self.entry)) from error
        except OSError as error:
            raise self._refused("media-unreadable", name) from error
        except MediaError as error:
            is_arriving = stamp.changed > self.arriving and error.code in _UNFINISHED
            code = "file-awaited" if is_arriving else error.code
            raise self._refused(code, name) from error
        self.documents += documents
        return shown

    def _found(self, names: Sequence[str]) -> tuple[str, FileStamp | None]:
        """Return path and stamp of the first file that one of `names` means, or where it would be.

        A missing file is remembered too: the entry changes when it comes. What is named after
        more files than any text has, or by a name that no file has, is not looked for.
        """
        places = list(dict.fromkeys(place for name in names for place in self._places(name)))
        if not places:
            raise self._outside(names[0])
        if len(self.used) >= _MOST_PLACES or not all(map(could_exist, places)):
            return places[0], None
        for place in places:
            path = self.scan.find(place)
            if path and (stamp := self.scan.files.get(path)):  # it may come or go meanwhile
                self.used[path] = stamp
                return path, stamp
            self.used[loose(place)] = None
        hidden = (place for place in places if self.scan.is_out_of_sight(place))
        return next(hidden, places[0]), None

    def _places(self, name: str) -> Iterator[str]:
        """Yield the paths at which the file `name` may be: beside the entry, then from the top."""
        wanted = name.replace("\\", "/")
        if wanted.startswith("/"):
            return
        for folder in dict.fromkeys((folder_of(self.entry), "")):
            place = posixpath.normpath(f"{folder}{wanted}")
            if place != ".." and not place.startswith("../"):
                yield shown_path(place)

    def _may_be_read(self, path: str) -> bool:
        """Return whether a stray is a regular file in the folder, with a problem of its name."""
        return self.scan.strays[path] not in {
            "file-unreadable",
            "link-folder",
            "link-outside",
            "name-not-plain",
        }

    def _outside(self, name: str) -> EntryError:
        bare = name.replace("\\", "/").partition("?")[0].rstrip("/.")
        alone = posixpath.basename(bare) or name
        return EntryError(Problem(code="file-outside", file=self.entry, found=name, wanted=alone))

    def _refused(self, code: str, name: str) -> EntryError:
        return EntryError(Problem(code=code, file=self.entry, found=name))


def _lacks_its_end(data: bytes) -> bool:
    """Return whether this is the beginning of an archive, as documents of Word or Excel are."""
    return data.startswith(b"PK\x03\x04") and not is_zipfile(BytesIO(data))
