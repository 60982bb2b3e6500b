"""The folder that follows a source: only Dateline writes there, and nothing outside it."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import stat
from collections.abc import Collection, Iterable
from pathlib import Path

from dateline.publish.sources.fetching import SourceItem
from dateline.publish.sources.written import WrittenFile, has_bytes, written_file
from dateline.system.writing import make_private_folder, replace_file, sync_file_system

_log = logging.getLogger(__name__)


class SourceFolder:
    """The files of a source in a folder; one that `is_new` begins empty."""

    def __init__(self, folder: Path, *, is_new: bool) -> None:
        self._folder = folder
        if is_new and folder.is_dir():
            shutil.rmtree(folder)
        elif is_new:
            folder.unlink(missing_ok=True)
        make_private_folder(folder)

    def others(self, paths: Collection[str]) -> list[str]:
        """Return the paths of all files but these."""
        found = (
            Path(folder, name).relative_to(self._folder).as_posix()
            for folder, names, files in os.walk(self._folder)
            for name in (*files, *names)
            if name in files or Path(folder, name).is_symlink()
        )
        return sorted({*found}.difference(paths))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, and the folders that are then empty.

        One that cannot have its name here was never written.
        """
        for path in paths:
            file = self._folder / path
            if self._is_reached(path):
                try:
                    file.unlink()
                except (NotADirectoryError, IsADirectoryError):
                    pass
                except OSError as error:
                    if not _is_of_name(error):
                        raise
                self._prune(file.parent)

    def write(self, item: SourceItem, data: bytes) -> WrittenFile | None:
        """Write a file whole, in place of anything that has its name, and return its note.

        None if no file can have its name here.
        """
        file = self._folder / item.path
        try:
            self._make_way(item.path)
            if item.is_link:
                file.unlink(missing_ok=True)
                file.symlink_to(os.fsdecode(data))
            else:
                if file.is_symlink():
                    file.unlink()
                replace_file(file, data, has_one_writer=True)
            return written_file(file, data)
        except (ValueError, OSError) as error:
            if isinstance(error, OSError) and not _is_of_name(error):
                raise
            _log.warning("%s of the source cannot be written here: %s.", item.path, error)
            return None

    def restore(self, item: SourceItem, data: bytes) -> WrittenFile | None:
        """Write a file unless it is right, so that its times stay, and return its note."""
        file = self._folder / item.path
        if self._is_reached(item.path) and has_bytes(file, data, is_link=item.is_link):
            return written_file(file, data)
        return self.write(item, data)

    def sync(self) -> None:
        """Bring all that was written and removed to disk, before the source counts as followed."""
        sync_file_system(self._folder)

    def _is_reached(self, path: str) -> bool:
        """Return whether all folders above a file are folders, and no links."""
        place = self._folder
        for part in path.split("/")[:-1]:
            place /= part
            try:
                is_folder = stat.S_ISDIR(place.lstat().st_mode)
            except OSError as error:
                if error.errno != errno.ENOTDIR and not _is_of_name(error):
                    raise
                return False
            if not is_folder:
                return False
        return True

    def _make_way(self, path: str) -> None:
        """Make the folders above a file; a link or a file in their place is removed."""
        place = self._folder
        *above, name = path.split("/")
        for part in above:
            place /= part
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                place.unlink()
            place.mkdir(exist_ok=True)
        there = place / name
        if there.is_dir() and not there.is_symlink():
            shutil.rmtree(there)

    def _prune(self, folder: Path) -> None:
        while folder != self._folder:
            try:
                folder.rmdir()
            except OSError:  # it holds other files
                return
            folder = folder.parent


def _is_of_name(error: OSError) -> bool:
    """Return whether a file is not there because of its name, or of where a link leads."""
    return error.errno in {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOENT}
