"""Files that are written whole, and folders that other users of the machine cannot enter.

`replace_file` is for files that Dateline alone writes. `create_file`, `exchange_file` and
`remove_file` are for folders in which others write at the same time: no file of theirs is lost.
"""

from __future__ import annotations

import errno
import hashlib
import math
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

try:
    import fcntl
except ImportError:  # Windows has no such lock, and keeps what killed processes leave
    fcntl = None  # type: ignore[assignment]

from dateline.system import heartbeat
from dateline.system.safe_files import digest_of

_OTHERS = 0o007  # the permissions of others
_READABLE = 0o055  # that they and a group may read, and enter folders
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FILLING = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_FILLING |= getattr(os, "O_NONBLOCK", 0)  # a pipe is not waited for
_NAME = 40  # characters of the name, so that the temporary one is never too long
_BESIDE, _ENDING = ".dateline-", ".new"
_OWN = "dateline-run-"  # earlier releases locked none of theirs, which have another name
_LEFT = 3600  # seconds after which a temporary file belongs to a process that was killed
_HERE, _SWAP = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux (renameat2(2))
_UNABLE = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM})  # no such call here
_NO_LINKS = _UNABLE | {errno.EMLINK, errno.EACCES}


def replace_file(
    path: Path,
    data: bytes | Iterable[bytes],
    *,
    mode: int | None = None,
    like: os.stat_result | None = None,
    is_synced: bool = False,
    has_one_writer: bool = False,
) -> None:
    """Write a file whole: readers find the old bytes or the new ones, and never a part.

    A new file beside `path`, never one that a link leads to, is written and renamed. `mode` is
    its permissions, whatever the umask; or they, and as far as it may its owner, are `like` those
    of a file. With `is_synced` its bytes are on disk before it is renamed, and its name afterwards.
    If it `has_one_writer`, the next one replaces what a killed one left. Raises `OSError`, or what
    `data` raises; then the file at `path` is as it was, unless its new name alone is not synced.
    """
    mode = stat.S_IMODE(like.st_mode) if like else mode
    temporary = temporary_name(path, "" if has_one_writer else f".{os.getpid()}")
    try:
        temporary.unlink(missing_ok=True)  # what a killed process left
        created = os.open(temporary, _FLAGS, 0o666 if mode is None else mode)
        with os.fdopen(created, "wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        for owner in ((-1, like.st_gid), (like.st_uid, -1)) if like else ():
            with suppress(OSError):
                os.chown(temporary, *owner)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    if is_synced:
        _sync_folder(path.parent)


def file_stamp(path: Path | str) -> tuple[int, int] | None:
    """Return what changes when a file is replaced, or None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - before each delivery: pathlib takes ten times as long
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def temporary_name(path: Path, writer: str = "") -> Path:
    """Return the path of the file that `replace_file` writes first."""
    return path.with_name(f".{path.name.lstrip('.')[:_NAME]}{writer}{_ENDING}")


def is_temporary(path: str) -> bool:
    """Return whether a path is that of a file that this module writes first, or moves aside.

    >>> is_temporary("2026/.pier.toml.problem.txt.new")
    True
    """
    name = path.rpartition("/")[2]
    return name.startswith(".") and name.endswith(_ENDING)


def sync_file_system(folder: Path) -> None:
    """Wait until everything written to this folder's file system is on disk (syncfs(2))."""
    import ctypes  # noqa: PLC0415 - what only reads files has no use for it

    heartbeat.waiting(heartbeat.LONG)  # a slow disk with much to write is no fault
    if not sys.platform.startswith("linux"):
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)
    heartbeat.waiting()


def make_private_folder(path: Path) -> None:
    """Create a folder that no other user may enter.

    An existing folder that is open to everybody, as earlier releases created it, is closed; one
    that is open to a group stays so. Raises `OSError` where it cannot be created.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "nt" and path.stat().st_mode & _OTHERS:
        with suppress(OSError):  # it belongs to another user
            path.chmod(0o700)


def widen_mask(folder: Path) -> None:
    """Make what this process writes readable for all who may read a folder, despite its umask."""
    try:
        readable = folder.stat().st_mode & _READABLE
    except OSError:
        return
    before = os.umask(0o077)  # it cannot be read without being set
    os.umask(before & ~readable)


class _OwnFolder(TemporaryDirectory[str]):
    """A temporary folder that is locked until it is deleted: others know that it is in use."""

    def __init__(self, place: Path | None = None) -> None:
        super().__init__(prefix=_OWN, dir=place, ignore_cleanup_errors=True)
        self._lock = os.open(self.name, os.O_RDONLY) if fcntl is not None else -1
        if fcntl is not None:
            with suppress(OSError):  # some systems of files have no locks
                fcntl.flock(self._lock, fcntl.LOCK_SH)

    def cleanup(self) -> None:
        """Delete the folder."""
        super().cleanup()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def temporary_folder(otherwise: Path | None = None) -> TemporaryDirectory[str]:
    """Create a folder that is deleted at the end, in `otherwise` on a read-only system.

    Those that killed processes left are deleted.
    """
    try:
        folder = _OwnFolder()
    except FileNotFoundError:
        if otherwise is None:
            raise
        folder = _OwnFolder(otherwise)
    own = Path(folder.name)
    for path in own.parent.glob(f"{_OWN}*") if fcntl is not None else ():
        with suppress(OSError):  # it is another user's, or in use
            _remove_left(path, before=own.stat().st_mtime - _LEFT)
    return folder


def _remove_left(folder: Path, *, before: float) -> None:
    """Delete a temporary folder that no process has locked, if it was made before a moment."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(opened)
        if found.st_uid == os.geteuid() and found.st_mtime < before:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    finally:
        os.close(opened)


# ---- In folders in which others write


def create_file(path: Path, data: bytes, *, within: Path | None = None) -> None:
    """Write a new file whole, and sync it; a file that is there already is never replaced.

    It is first written `within` a folder of the same file system, beside its place if there is
    none: that folder is listed, to remove what killed writers left. Raises `FileExistsError`, or
    `OSError` where it cannot be written; then nothing is left.

    In a folder where names can be neither linked, changed nor removed, the temporary file stays,
    the new one is filled in its place, so that others may see a part of it, and it stays empty if
    it cannot be written. What somebody else has put there is not touched.
    """
    with _temporary(path, data, within or path.parent) as temporary:
        try:
            os.link(temporary, path, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _create_without_links(temporary, path, data)


def _create_without_links(temporary: Path, path: Path, data: bytes) -> None:
    """Take a name, then give it to the file: for a share or a memory stick without hard links."""
    taken = os.open(path, _FLAGS, 0o666)
    own = os.fstat(taken)
    os.close(taken)
    try:
        temporary.replace(path)
    except OSError:
        if _remove_untouched(path, own):
            raise
        _fill(path, own, data)  # names cannot be changed here


def _remove_untouched(path: Path, own: os.stat_result) -> bool:
    """Remove the file `own` if it is still empty; return whether it is removed."""
    with suppress(OSError):
        _check_untouched(path, path.lstat(), own)
        path.unlink()
        return True
    return False


def _fill(path: Path, own: os.stat_result, data: bytes) -> None:
    """Write into the empty file `own`. Raises `FileExistsError` if it is another one by now."""
    with os.fdopen(os.open(path, _FILLING), "wb", buffering=0) as file:
        _check_untouched(path, os.fstat(file.fileno()), own)
        try:
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(0)
            raise


def _check_untouched(path: Path, found: os.stat_result, own: os.stat_result) -> None:
    if not os.path.samestat(found, own) or found.st_size:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def exchange_file(path: Path, data: bytes, digest: str) -> bool:
    """Replace a file whose SHA-256 is `digest`, and return whether; any other file stays.

    The two files change places in one step, and places again if somebody had just written
    another one. Where the system has no such call (it is Linux's, and not of every share), a
    file that is written between the check and the rename, within some microseconds, is lost.
    Group and permissions stay, as far as this process may give them. Raises `OSError`.
    """
    before = path.lstat()
    with _temporary(path, data, path.parent) as temporary:
        if temporary.stat().st_gid != before.st_gid:
            with suppress(OSError):  # it is not in the group, or its unit forbids it
                os.chown(temporary, -1, before.st_gid)
        with suppress(OSError):  # a share without permissions
            temporary.chmod(stat.S_IMODE(before.st_mode))
        if digest_of(path) != digest:
            return False
        if not _swap(temporary, path):
            temporary.replace(path)
        elif digest_of(temporary) != digest:
            _put_back(temporary, path, hashlib.sha256(data).hexdigest())
            return False
        return True


def remove_file(path: Path, digest: str) -> bool:
    """Remove a file whose SHA-256 is `digest`, and return whether; any other file stays.

    It is renamed first, and comes back if somebody had just written another one.
    Raises `OSError`.
    """
    if digest_of(path) != digest:
        return False
    aside = path.with_name(f"{_BESIDE}{secrets.token_hex(8)}{_ENDING}")
    path.rename(aside)
    if digest_of(aside) != digest:
        _return(aside, path)
        return False
    aside.unlink()
    with suppress(OSError):
        _sync_folder(path.parent)
    return True


def _return(aside: Path, path: Path) -> None:
    """Rename a file back, unless another one has its name by now."""
    with suppress(OSError):  # a share without hard links
        os.link(aside, path, follow_symlinks=False)
        aside.unlink()
        return
    if not os.path.lexists(path):
        aside.rename(path)


@contextmanager
def _temporary(path: Path, data: bytes, folder: Path) -> Iterator[Path]:
    """Write a synced file in `folder`, and remove it at the end, with those of killed writers."""
    temporary = folder / f"{_BESIDE}{secrets.token_hex(8)}{_ENDING}"
    try:
        with os.fdopen(os.open(temporary, _FLAGS, 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # By the clock of the folder, which may be a share.
        remove_left(folder, before=temporary.stat().st_mtime - _LEFT)
        yield temporary
        with suppress(OSError):  # the file is there, and has its name
            _sync_folder(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove_left(folder: Path, *, before: float = math.inf) -> None:
    """Remove what killed writers left in a folder, if it was written before a moment."""
    for path in folder.glob(f"{_BESIDE}*{_ENDING}"):
        with suppress(OSError):
            if path.lstat().st_mtime < before:
                path.unlink()


def _sync_folder(folder: Path) -> None:
    """Bring a new name to disk, where the system can. Raises `OSError` if the disk fails."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _UNABLE:  # a share without such a call
            raise
    finally:
        os.close(opened)


def _put_back(temporary: Path, path: Path, put: str) -> None:
    """Put back what somebody wrote in that instant, or else what they wrote meanwhile.

    `put` is the digest of what is at `path` now, unless somebody wrote again.
    """
    while True:
        found = digest_of(temporary)
        _swap(temporary, path)
        if digest_of(temporary) == put:
            return
        put = found


def _swap(one: Path, other: Path) -> bool:
    """Exchange two files in one step; return whether the system can."""
    import ctypes  # noqa: PLC0415 - it is needed where staff replace a file, and nowhere else

    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _SWAP) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNABLE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def file_system(path: Path, mounts: str = "") -> str:
    """Return the type of the file system that a path is on, or nothing where none is known.

    `mounts` has the form of `/proc/self/mountinfo` (proc_pid_mountinfo(5)), which is read else.
    """
    with suppress(OSError):
        mounts = mounts or Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    longest, found = 0, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), before.split(" ")[4])
        if path.is_relative_to(point) and len(point) >= longest:
            longest, found = len(point), after.split(" ")[0]
    return found
