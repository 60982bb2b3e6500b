"""Files are replaced whole; those of the newsroom are closed to other users."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import resource
import secrets
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from dateline.cli import ledger
from dateline.system.writing import (
    create_file,
    exchange_file,
    file_system,
    make_private_folder,
    remove_file,
    replace_file,
    temporary_folder,
)
from support.paths import ROOT
from support.publication import Newsroom, entry_file, picture

UNIT = ROOT / "docs/dateline.service"


@pytest.fixture(params=["0000", "0022", "0077"])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Create files under each of these masks."""
    before = os.umask(int(request.param, 8))
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return path.stat().st_mode & 0o777


@pytest.mark.usefixtures("_umask")
def test_the_ledger_is_closed_to_others(newsroom: Newsroom) -> None:
    """It holds every version and unpublished entries, so the mask does not matter."""
    newsroom.drop("a.toml")
    newsroom.build()

    assert mode(newsroom.folder / "state") == 0o700


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o700), (0o777, 0o700), (0o750, 0o750)])
def test_an_existing_folder_is_closed_to_other_users(
    before: int, after: int, tmp_path: Path
) -> None:
    """Earlier releases left it open; access for a group stays."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(before)

    make_private_folder(tmp_path / "state")

    assert mode(tmp_path / "state") == after


@pytest.mark.usefixtures("_umask")
def test_an_export_is_closed_to_others(newsroom: Newsroom) -> None:
    """Also if it replaces a file that was open."""
    newsroom.drop("a.toml")
    newsroom.build()
    file = newsroom.folder / "ledger.jsonl"
    file.touch(0o666)
    words = ["--config", str(newsroom.folder / "config.toml"), str(file)]

    CliRunner().invoke(ledger.export, words, catch_exceptions=False)

    assert (mode(file), file.stat().st_size > 0) == (0o600, True)


def test_published_files_can_be_read_by_a_web_server(newsroom: Newsroom) -> None:
    """With the unit's mask, nginx can read documents, and staff can read notes."""
    (mask,) = re.findall(r"^UMask=(\d+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    before = os.umask(int(mask, 8))
    try:
        newsroom.drop("photo.png", picture())
        newsroom.drop("a.toml", entry_file(image='"photo.png"', image_alt='"Blue"'))
        newsroom.drop("bad.toml", entry_file(date='"30 February 2026"'))
        newsroom.build()
    finally:
        os.umask(before)

    feeds = newsroom.folder / "feeds"
    public = [newsroom.folder / path for path in (f"feeds/{name}" for name in newsroom.feeds())]
    folders = [feeds, *(path for path in feeds.rglob("[!.]*") if path.is_dir())]
    assert {mode(path) & 0o044 for path in public} == {0o044}
    assert {mode(path) & 0o055 for path in folders} == {0o055}
    assert mode(newsroom.folder / "entries/bad.toml.problem.txt") & 0o044 == 0o044


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """Bytes that end in an error leave the old file, and nothing beside it."""

    def broken() -> Iterator[bytes]:
        yield b"new"
        raise ValueError

    path = tmp_path / "a"
    path.write_bytes(b"old")

    with pytest.raises(ValueError):  # noqa: PT011 - raised above
        replace_file(path, broken())

    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["a"]


def test_no_link_in_the_way_leads_the_bytes_elsewhere(tmp_path: Path) -> None:
    """Links under the file's name and under its temporary name are replaced, not followed."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    for name in ("a", f".a.{os.getpid()}.new"):
        (tmp_path / name).symlink_to(secret)

    replace_file(tmp_path / "a", b"new")

    assert secret.read_bytes() == b"secret"
    assert (tmp_path / "a").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "secret"]


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    """The temporary name is not longer than file systems allow."""
    path = tmp_path / ("ж" * 127)

    replace_file(path, b"new")

    assert path.read_bytes() == b"new"


# ---- In folders in which others write

OLD, NEW, RIVAL = b"old", b"new", b"of somebody else"


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def failing(*_: object, **__: object) -> None:
    """Fail like a file system without hard links."""
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("has_links", [True, False])
def test_a_new_file_replaces_none(
    *, has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the system has no hard links; nothing else is left in the folder."""
    if not has_links:
        monkeypatch.setattr(os, "link", failing)
    create_file(tmp_path / "a", OLD)
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "a", NEW)

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [OLD]


def test_a_new_file_is_whole_where_names_cannot_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a share in which files can be created, and neither linked, renamed nor removed."""
    with monkeypatch.context() as patch:
        for name in ("link", "rename", "replace", "unlink"):
            patch.setattr(os, name, failing)
        create_file(tmp_path / "a", NEW)

    assert (tmp_path / "a").read_bytes() == NEW


@pytest.mark.parametrize("can_remove", [False, True])
@pytest.mark.parametrize("way", ["in place", "replaced", "a link", "a pipe"])
def test_what_somebody_writes_in_a_new_files_place_stays(
    way: str, *, can_remove: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where names cannot be changed, it is neither filled, emptied nor removed, nor followed."""
    file, secret, rename = tmp_path / "a", tmp_path / "secret", os.replace
    (tmp_path / "rival").write_bytes(RIVAL)
    secret.write_bytes(b"")

    def late(*_: object) -> None:
        if way == "in place":
            file.write_bytes(RIVAL)
        elif way == "replaced":
            rename(tmp_path / "rival", file)
        else:
            (tmp_path / "link").symlink_to(secret)
            os.mkfifo(tmp_path / "pipe")
            rename(tmp_path / way.removeprefix("a "), file)
        raise OSError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", failing)
        patch.setattr(os, "replace", late)
        if not can_remove:
            patch.setattr(os, "unlink", failing)
        with pytest.raises(OSError, match=r"File exists|symbolic links|No such device"):
            create_file(file, NEW)

    assert secret.read_bytes() == b""
    if way in {"in place", "replaced"}:
        assert file.read_bytes() == RIVAL
    else:
        assert file.is_symlink() if way == "a link" else file.is_fifo()


def test_a_new_file_that_cannot_be_filled_has_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no name can be changed or removed, it stays empty if the disk fails."""
    really, synced = os.fsync, count()

    def fsync(descriptor: int) -> None:
        if next(synced):  # the temporary file comes first
            raise OSError(errno.ENOSPC, "No space left on device")
        really(descriptor)

    with monkeypatch.context() as patch:
        for name in ("link", "rename", "replace", "unlink"):
            patch.setattr(os, name, failing)
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(OSError, match="No space left"):
            create_file(tmp_path / "a", NEW)

    assert (tmp_path / "a").read_bytes() == b""


@pytest.mark.usefixtures("_umask")
def test_a_new_file_has_the_permissions_of_any(tmp_path: Path) -> None:
    """Those of a file that staff drop; one that is replaced keeps its own."""
    (tmp_path / "dropped").write_bytes(OLD)
    create_file(tmp_path / "a", OLD)
    own, before = mode(tmp_path / "dropped"), mode(tmp_path / "a")
    (tmp_path / "dropped").chmod(0o640)
    exchange_file(tmp_path / "dropped", NEW, digest(OLD))

    assert before == own
    assert mode(tmp_path / "dropped") == 0o640


def test_a_replaced_file_keeps_its_group(tmp_path: Path) -> None:
    """Else the staff of a shared folder could no longer change what one of them has edited."""
    others = [4321] if os.geteuid() == 0 else [one for one in os.getgroups() if one != os.getegid()]
    if not others:
        pytest.skip("this user is in one group only")
    (tmp_path / "a").write_bytes(OLD)
    os.chown(tmp_path / "a", -1, others[0])
    (tmp_path / "a").chmod(0o660)
    exchange_file(tmp_path / "a", NEW, digest(OLD))

    assert (tmp_path / "a").read_bytes() == NEW
    assert (tmp_path / "a").stat().st_gid == others[0]
    assert mode(tmp_path / "a") == 0o660


@pytest.mark.parametrize("platform", ["linux", "other"])
def test_a_file_is_replaced_as_it_was_seen(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its digest; any other file stays, and nothing is left beside it."""
    monkeypatch.setattr(sys, "platform", platform)
    file = tmp_path / "a"
    file.write_bytes(OLD)

    assert exchange_file(file, NEW, digest(RIVAL)) is False
    assert file.read_bytes() == OLD
    assert exchange_file(file, NEW, digest(OLD)) is True
    assert file.read_bytes() == NEW
    assert len([*tmp_path.iterdir()]) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has no call to exchange files")
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_file_that_is_written_meanwhile_stays(
    times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even between the check of the old one and the exchange, and before it is put back."""
    file, encode = tmp_path / "a", os.fsencode
    file.write_bytes(OLD)
    rivals = [b"%s %d" % (RIVAL, number) for number in range(times)]
    waiting = [*rivals]

    def late(path: str | os.PathLike[str]) -> bytes:
        if waiting and Path(path) != file:  # the first of the two names of each exchange
            replace_file(file, waiting.pop(0))
        return encode(path)

    monkeypatch.setattr(os, "fsencode", late)

    assert exchange_file(file, NEW, digest(OLD)) is False
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [rivals[-1]]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has no call to exchange files")
def test_a_pipe_that_is_put_there_meanwhile_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays where it is, unread, and the new file is nowhere."""
    file, encode = tmp_path / "a", os.fsencode
    file.write_bytes(OLD)

    def late(path: str | os.PathLike[str]) -> bytes:
        if file.is_file():
            file.unlink()
            os.mkfifo(file)
        return encode(path)

    monkeypatch.setattr(os, "fsencode", late)

    assert exchange_file(file, NEW, digest(OLD)) is False
    assert [path.is_fifo() for path in tmp_path.iterdir()] == [True]


@pytest.mark.parametrize("has_links", [True, False])
def test_only_a_file_that_was_seen_is_removed(
    *, has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One with another digest stays, also if somebody writes it between the check and the end."""
    if not has_links:
        monkeypatch.setattr(os, "link", failing)
    file, name = tmp_path / "a", secrets.token_hex
    file.write_bytes(OLD)

    def late(size: int) -> str:
        file.write_bytes(RIVAL)
        return name(size)

    assert remove_file(file, digest(NEW)) is False
    with monkeypatch.context() as patch:
        patch.setattr(secrets, "token_hex", late)
        assert remove_file(file, digest(OLD)) is False
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [RIVAL]
    assert remove_file(file, digest(RIVAL)) is True
    assert [*tmp_path.iterdir()] == []


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    """By the next one, after an hour; one that is being written stays."""
    for name, age in (("0", 4000), ("1", 0)):
        path = tmp_path / f".dateline-{name}.new"
        path.write_bytes(b"half")
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    create_file(tmp_path / "a", NEW)

    assert {path.name for path in tmp_path.iterdir()} == {"a", ".dateline-1.new"}


def test_temporary_folders_of_killed_processes_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that a process has, however old, stays; so does one that was just made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary_folder() as first:
        left, fresh = (Path(f"{first}{ending}") for ending in ("left", "fresh"))
        for path in (left, fresh):
            path.mkdir()
            (path / "config.toml").symlink_to("nowhere")
        for path in (Path(first), left):
            os.utime(path, (0, 0))
        with temporary_folder() as second:
            assert {*tmp_path.iterdir()} == {Path(first), Path(second), fresh}


@pytest.mark.parametrize("is_there", [False, True])
def test_a_file_that_cannot_be_written_whole_leaves_nothing(
    *, is_there: bool, tmp_path: Path
) -> None:
    """As on a full disk: here the system allows no file above a kilobyte."""
    file = tmp_path / "a"
    if is_there:
        file.write_bytes(OLD)
    write = partial(exchange_file, digest=digest(OLD)) if is_there else create_file
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(file, NEW * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [OLD] * is_there


MOUNTS = """\
24 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 24 0:40 / /srv rw,relatime shared:2 - nfs4 server:/srv rw,vers=4.2
31 24 0:41 / /mnt/press\\040office rw - cifs //server/share rw
32 30 254:1 / /srv/news/state rw - xfs /dev/vdb rw
33 24 0:42 / /mnt/cloud rw - fuse.rclone remote: rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/news/state", "ext4"),
        ("/srv/news", "nfs4"),
        ("/srv/news/state", "xfs"),
        ("/srvx/state", "ext4"),
        ("/mnt/press office/state", "cifs"),
        ("/mnt/cloud/a", "fuse.rclone"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(path: str, kind: str) -> None:
    """A name with a space is a path, too."""
    assert file_system(Path(path), MOUNTS) == kind


def test_the_file_system_of_a_folder_is_known(tmp_path: Path) -> None:
    """Linux reports it; elsewhere nothing is known, and nothing is refused."""
    assert bool(file_system(tmp_path)) == (sys.platform == "linux")
