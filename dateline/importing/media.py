"""Which file lies beside an entry for a picture or an attachment that the source names?"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dateline.entries import media
from dateline.entries.normalise.links import names_a_file
from dateline.errors import FetchError, MediaError
from dateline.importing.fetch import SourceFetcher, is_web, pathname
from dateline.importing.items import ImportedItem
from dateline.text.urls import slugify


@dataclass(slots=True, kw_only=True)
class MediaImporter:
    """The files that came over so far, below the entries folder.

    What two entries name lies there once. While `is_trial`, nothing is fetched or written:
    a file is expected to come over where its name says that it can.
    """

    entries: Path
    reach: SourceFetcher
    is_trial: bool
    taken: dict[str, str] = field(default_factory=dict)  # by address, where it lies
    lying: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)  # by address, why not

    def take(
        self, item: ImportedItem, addresses: list[str], folder: str, losses: list[str]
    ) -> dict[str, str]:
        """Bring files into `folder`, and give what each is called in an entry there.

        Of one that could not be brought the reason is added to `losses`.
        """
        names: dict[str, str] = {}
        for address in addresses:
            if address not in self.taken and address not in self.refused:
                self._bring(item, address, folder)
            if address in self.taken:
                names[address] = self.taken[address].removeprefix(f"{folder}/")
            else:
                losses.append(f"{address} {self.refused[address]}")
        return names

    def _bring(self, item: ImportedItem, address: str, folder: str) -> None:
        try:
            self.taken[address] = self._brought(item, address, folder)
        except (FetchError, MediaError) as error:
            reason = "is no kind of file that is published" if isinstance(error, MediaError) else ""
            self.refused[address] = f"stays where it is: {reason or error}"

    def _brought(self, item: ImportedItem, address: str, folder: str) -> str:
        path = item.found.get(address)
        if path is None and not is_web(address):
            raise FetchError("there is no such file beside the text")
        name = PurePosixPath(pathname(address)).name or "file"
        if self.is_trial:
            ending = PurePosixPath(name).suffix.lower() if names_a_file(name) else ""
            return self._free(folder, f"{slugify(PurePosixPath(name).stem)}{ending}", b"")
        data = _read(path) if path else self.reach.file(address, media.MAX_SIZE)
        cleaned = media.clean(data, name)
        target = self._free(folder, cleaned.name, data)
        write(self.entries / target, data)
        return target

    def _free(self, folder: str, name: str, data: bytes) -> str:
        """Give a place that nothing has, or that has just this."""
        stem, end = PurePosixPath(name).stem, PurePosixPath(name).suffix
        for number in range(1, 10_000):
            path = f"{folder}/{stem}{f'-{number}' if number > 1 else ''}{end}"
            there = self.entries / path
            if there.read_bytes() == data if there.exists() else path not in self.lying:
                self.lying.add(path)
                return path
        raise FetchError(f"there are too many files called {name}")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > media.MAX_SIZE:
            raise FetchError(f"it has more than {media.MAX_SIZE} bytes")
        return path.read_bytes()
    except OSError as error:
        raise FetchError(f"it cannot be read: {error.strerror}") from error


def write(path: Path, data: bytes) -> None:
    """Write a file whole, or not at all: the publisher may be looking, and anything may end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
