"""Which file beside the entry is meant, and what do outsiders get of it?

A name in `image`, `attachments` or the text is looked for in the entry's own folder, then
from the top of the entries folder. Nothing outside the entries folder is ever read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from dateline import intake, media
from dateline.errors import EntryError, MediaError, Problem
from dateline.guide import SCHEMA_NAME
from dateline.intake import Look, Stamp
from dateline.model import Document, Media
from dateline.naming import is_entry, name_key, shown_path

_SHOWN = 5  # names in a message


@dataclass(slots=True)
class Beside:
    """The files beside one entry, and what became of them.

    `look` has the files of the whole entries folder. `used` gathers the files that the
    entry named, with their stamps (None: not there), `documents` what is to be published.
    Files that changed after `settled`, in nanoseconds since 1970, are still being written,
    but for those that look as they are `known` to hold still.
    """

    folder: Path
    entry: str
    look: Look
    url: str
    settled: int
    known: Mapping[str, Stamp] = field(default_factory=dict)
    used: dict[str, Stamp | None] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)

    def take(self, name: str) -> Media | None:
        """Clean and publish the file called `name`; None where there is none.

        Raises `EntryError` for a name that leads outside, a file that is still being written,
        and one that cannot be published.
        """
        path = self._path(name)
        stamp = self.look.files.get(path)
        self.used[path] = stamp
        if path in self.look.strays and stamp and not self._may_be_read(path):
            raise self._refused("file-outside", name)
        if stamp is None and self.look.is_out_of_sight(path):
            raise self._refused("media-unreadable", name)
        if stamp is None or is_entry(path):
            return None
        if stamp.changed > self.settled and self.known.get(path) != stamp:
            raise EntryError(Problem(code="file-changing", file=self.entry))
        if stamp.size > media.MAX_SIZE:
            raise self._refused("media-too-large", name)
        try:
            data = intake.contents(self.folder, path, stamp, media.MAX_SIZE + 1)
            cleaned = media.clean(data, PurePosixPath(path).name)
        except intake.ChangedError as error:
            raise EntryError(Problem(code="file-changing", file=self.entry)) from error
        except OSError as error:
            raise self._refused("media-unreadable", name) from error
        except MediaError as error:
            raise self._refused(error.code, name) from error
        return self._publish(cleaned, PurePosixPath(path).name)

    def names(self, wanted: str) -> str:
        """Say which files that could be meant are there: of that name elsewhere, or here."""
        name = name_key(wanted.replace("\\", "/").rpartition("/")[2])
        elsewhere = [
            path for path in sorted(self.look.files) if name_key(path.rpartition("/")[2]) == name
        ]
        here = [file for file in self.look.beside(self.entry) if file != SCHEMA_NAME]
        found = ", ".join([*elsewhere, *here][:_SHOWN])
        return f"Files here: {found or '(none)'}."

    def _publish(self, cleaned: media.Cleaned, title: str) -> Media:
        shown, document = media.published(cleaned, self.url, title)
        self.documents.append(document)
        return shown

    def _path(self, name: str) -> str:
        """Find the path of `name`; names that differ in case or composition are the same."""
        wanted = PurePosixPath(unquote(name).replace("\\", "/"))
        if wanted.is_absolute() or ".." in wanted.parts:
            raise self._refused("file-outside", name)
        near = str(PurePosixPath(self.entry).parent / wanted)
        return self.look.find(near) or self.look.find(str(wanted)) or shown_path(near)

    def _may_be_read(self, path: str) -> bool:
        """Say whether a file that is told for its name alone is a regular one in the folder."""
        return self.look.strays[path] not in {"link-outside", "name-not-plain", "file-unreadable"}

    def _refused(self, code: str, name: str) -> EntryError:
        return EntryError(Problem(code=code, file=self.entry, found=name))
