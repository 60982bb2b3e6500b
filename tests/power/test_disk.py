"""What a disk may hold when the power goes, by the operations before."""

from __future__ import annotations

from pathlib import Path

from power.disk import ROOT_FOLDER, Disk, Kind, Loss, Operation, after, kept_from

OLD, NEW = b"old", b"new" * 1000
PLACED, MADE, FOLDER = 1, 2, 3  # inodes


def disk() -> Disk:
    """Return a disk with one file, `a`."""
    return Disk(files={PLACED: OLD}, folders={ROOT_FOLDER: {"a": PLACED}}, last=PLACED)


def write(inode: int, data: bytes, start: int = 0) -> Operation:
    """Return a write to a file."""
    return Operation(kind=Kind.WRITE, path="a", inode=inode, start=start, data=data)


def create(path: str, inode: int = MADE, parent: int = ROOT_FOLDER) -> Operation:
    """Return the creation of an empty file."""
    return Operation(kind=Kind.CREATE, path=path, inode=inode, parent=parent)


def rename(source: str, path: str, inode: int, other: int | None = None) -> Operation:
    """Return a rename in the root folder, or an exchange."""
    kind = Kind.RENAME if other is None else Kind.EXCHANGE
    place = (ROOT_FOLDER, source)
    return Operation(
        kind=kind, path=path, inode=inode, parent=ROOT_FOLDER, source=place, other=other
    )


def sync(inode: int, kind: Kind = Kind.SYNC) -> Operation:
    """Return a sync of a file, a folder, or all."""
    return Operation(kind=kind, path="", inode=inode)


def left(*operations: Operation, **losses: Loss) -> dict[str, bytes]:
    """Return what is on the disk after operations, of which some (`_0`) were lost."""
    lost = {int(name[1:]): loss for name, loss in losses.items()}
    return after(disk(), operations, len(operations), lost).contents()


def test_a_lost_write_leaves_the_old_bytes() -> None:
    """Or zeros, where the file has become longer."""
    one, two = write(PLACED, b"xy"), write(PLACED, b"z", start=4)

    assert left(one, two)["a"] == b"xyd\0z"
    assert left(one, two, _0=Loss.WHOLE)["a"] == b"old\0z"
    assert left(one, two, _1=Loss.WHOLE)["a"] == b"xyd"
    assert left(one, two, _1=Loss.ZEROS)["a"] == b"xyd\0\0"


def test_a_write_is_torn_between_sectors() -> None:
    """Either half can be lost."""
    first = left(write(PLACED, NEW), _0=Loss.SECOND_HALF)["a"]
    second = left(write(PLACED, NEW), _0=Loss.FIRST_HALF)["a"]

    assert first == NEW[:1024] + bytes(1976)
    assert second == OLD + bytes(1021) + NEW[1024:]


def test_a_name_reaches_the_disk_without_the_bytes() -> None:
    """As after a rename without a sync; and the bytes without the name."""
    calls = create("b"), write(MADE, NEW), rename("b", "a", MADE)

    assert left(*calls) == {"a": NEW}
    assert left(*calls, _1=Loss.WHOLE) == {"a": b""}
    assert left(*calls, _2=Loss.WHOLE) == {"a": OLD, "b": NEW}
    assert left(*calls, _0=Loss.WHOLE) == {"a": NEW}


def test_what_is_in_a_lost_folder_is_lost() -> None:
    """Although the file is synced."""
    made = Operation(kind=Kind.FOLDER, path="c", inode=FOLDER, parent=ROOT_FOLDER)
    calls = made, create("c/b", parent=FOLDER), write(MADE, NEW), sync(MADE)

    assert left(*calls) == {"a": OLD, "c/b": NEW}
    assert left(*calls, _0=Loss.WHOLE) == {"a": OLD}


def test_two_files_change_places_in_one_step() -> None:
    """Both or neither."""
    calls = create("b"), write(MADE, NEW), rename("b", "a", MADE, other=PLACED)

    assert left(*calls) == {"a": NEW, "b": OLD}
    assert left(*calls, _2=Loss.WHOLE) == {"a": OLD, "b": NEW}


def test_a_removed_name_may_be_there_again() -> None:
    """Until its folder is synced."""
    removed = Operation(kind=Kind.REMOVE, path="a", parent=ROOT_FOLDER)

    assert left(removed) == {}
    assert left(removed, _0=Loss.WHOLE) == {"a": OLD}


def test_a_sync_of_a_file_keeps_its_bytes_and_not_its_name() -> None:
    """A sync of the folder keeps the name, one of all both."""
    calls = [create("b"), write(MADE, NEW)]

    kept = [kept_from([*calls, one])[:2] for one in (sync(MADE), sync(ROOT_FOLDER))]
    everything = kept_from([*calls, sync(ROOT_FOLDER, Kind.SYNC_ALL)])[:2]

    assert [[number == 3 for number in some] for some in kept] == [[False, True], [True, False]]
    assert everything == [3, 3]


def test_a_folder_is_read_and_written(tmp_path: Path) -> None:
    """With the times of its files."""
    (tmp_path / "one/inner").mkdir(parents=True)
    (tmp_path / "one/inner/a").write_bytes(NEW)
    (tmp_path / "two").mkdir()

    Disk.of(tmp_path / "one").write(tmp_path / "two")

    assert (tmp_path / "two/inner/a").read_bytes() == NEW
    times = [(tmp_path / name / "inner/a").stat().st_mtime_ns for name in ("one", "two")]
    assert times[0] == times[1]
    prints = [Disk.of(tmp_path / name).fingerprint() for name in ("one", "two")]
    (tmp_path / "two/inner/a").write_bytes(OLD)
    assert prints[0] == prints[1] != Disk.of(tmp_path / "two").fingerprint()
