"""A scan of the entries folder: files to read, to report and to ignore."""

from __future__ import annotations

import os
from pathlib import Path
from time import time_ns

import pytest

from dateline.entries import scan
from dateline.entries.filenames import is_plain, likenesses, name_key, shown_path
from dateline.entries.lazy_scan import scan_some
from dateline.entries.scan import MAX_SIZE, ChangedError, FileStamp, Scan
from dateline.errors import IntakeError

GOOD = 'title = "Report"\ndate = 2026-11-24\nbody = """\nText.\n"""\n'


def drop_and_scan(folder: Path, *names: str) -> Scan:
    """Write a file under each name, and scan."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return scan.scan_all(folder)


def test_entries_are_found_in_every_folder(tmp_path: Path) -> None:
    """Folders may be nested; entries are sorted by name without regard to case."""
    found = drop_and_scan(tmp_path, "b.toml", "A.TOML", "2008/10/c.toml.txt", "photo.jpg")

    assert found.entries == ("2008/10/c.toml.txt", "A.TOML", "b.toml")
    assert set(found.files) == {*found.entries, "photo.jpg"}


def test_other_files_are_skipped_with_their_reason(tmp_path: Path) -> None:
    """Lock files, temporary files and settings of folders, and whole folders of them."""
    names = ["~$a.docx", "a.toml.tmp", ".git/config", "__MACOSX/a.toml", "@eaDir/a.toml"]

    found = drop_and_scan(tmp_path, *names)

    assert (dict(found.files), found.entries) == ({}, ())
    assert found.skipped == (".git", "@eaDir", "__MACOSX", "a.toml.tmp", "~$a.docx")


@pytest.mark.parametrize(
    "name",
    ["@Recycle", "#recycle", "$RECYCLE.BIN", ".Trash-1000", ".snapshot", ".zfs", "#snapshot",
     "~snapshot", "@Recently-Snapshot", "@tmp", "@eaDir", "lost+found",
     "System Volume Information"],
)  # fmt: skip
def test_folders_of_deleted_and_former_files_are_skipped(name: str, tmp_path: Path) -> None:
    """What is deleted or embargoed would be published from them."""
    found = drop_and_scan(tmp_path, f"{name}/a.toml", f"2026/{name}/a.toml", "b.toml")

    assert found.entries == ("b.toml",)
    assert {*found.skipped} == {name, f"2026/{name}"}


@pytest.mark.parametrize(
    "name",
    ["a.toml.problem (1).txt", "a.toml.problem-ANNA-PC.txt", "a.docx.problem - Copy.txt",
     "a.toml.problem (Ann's conflicted copy 2026-11-25).txt", "a.toml.problem.txt.txt",
     "a.toml.problem.sync-conflict-20261125-101112-ABCDEFG.txt", "Copy of a.toml.problem.txt"],
)  # fmt: skip
def test_a_copy_of_a_note_is_skipped(name: str, tmp_path: Path) -> None:
    """Programs that synchronise make them, and nobody takes them for news."""
    assert drop_and_scan(tmp_path, name, "problem 1.txt").entries == ("problem 1.txt",)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"r\xe9port.toml", "r\ufffdport.toml"),
        (b"a\nb.toml", "a\ufffdb.toml"),
        ("a\u202eb.toml".encode(), "a\ufffdb.toml"),
        (b"bad\x07folder", "bad\ufffdfolder"),
    ],
)
def test_an_unprintable_name_is_reported(name: bytes, shown: str, tmp_path: Path) -> None:
    """The report is printable; nothing below such a folder is read."""
    path = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - a name of bytes
    if b"folder" in name:
        os.mkdir(path)  # noqa: PTH102
    else:
        os.close(os.open(path, os.O_CREAT))

    found = scan.scan_all(tmp_path)

    assert dict(found.strays) == {shown: "name-not-plain"}
    assert found.entries == (shown,)


@pytest.mark.parametrize(
    "name",
    [
        "été.toml",
        "تقرير.toml",
        "报告.toml",
        "a\u202fb.png",
        "می\u200cخواهم.toml",
        "a 👩\u200d🚀.toml",
    ],
)
def test_names_in_any_script_are_valid(name: str) -> None:
    """Joiners and the spaces of macOS are part of names."""
    assert is_plain(name)
    assert shown_path(name) == name


def test_names_that_differ_only_in_case_or_composition_are_reported(tmp_path: Path) -> None:
    """On another computer they are one file, so neither is read."""
    found = drop_and_scan(
        tmp_path, "Report.toml", "report.toml", "caf\u00e9.toml", "cafe\u0301.toml", "b.toml"
    )

    assert set(found.strays.values()) == {"name-twice"}
    assert "b.toml" not in found.strays
    assert len(found.strays) == 4


@pytest.mark.parametrize("name", ["Team Photo.JPG", "team photo.jpg", "TEAM\u00a0PHOTO.jpg"])
def test_a_file_is_found_by_a_name_that_looks_the_same(name: str, tmp_path: Path) -> None:
    """Case, composition, and the spaces of macOS do not matter."""
    found = drop_and_scan(tmp_path, "team\u202fphoto.jpg")

    assert found.find(name) == "team\u202fphoto.jpg"


def test_a_link_inside_is_followed(tmp_path: Path) -> None:
    """Its size and modification time are those of its target."""
    drop_and_scan(tmp_path, "old/a.toml")
    (tmp_path / "b.toml").symlink_to("old/a.toml")

    found = scan.scan_all(tmp_path)

    assert found.files["b.toml"].size == 1
    assert dict(found.strays) == {}


def test_files_with_very_long_paths_are_not_read(tmp_path: Path) -> None:
    """No index has room for them, and two joined are longer than any system takes."""
    above = "/".join(["d" * 200] * 5)
    deep = f"{above}/{'e' * 200}"
    (tmp_path / deep).mkdir(parents=True)
    for folder in (above, deep):
        (tmp_path / folder / "a.toml").touch()

    found = scan.scan_all(tmp_path)

    assert [*found.files] == [f"{above}/a.toml", deep]
    assert dict(found.strays) == {deep: "folder-too-deep"}
    assert found.is_out_of_sight(f"{deep}/a.toml")
    assert found.closed == ()
    assert scan_some(tmp_path, [f"{deep}/a.toml"]) is None


@pytest.mark.parametrize(
    "name", [".private.jpg", "~$plan.jpg", ".stversions/old.jpg", "photo.jpg.tmp", "photo.jpg"]
)
def test_a_scan_of_few_files_skips_what_a_whole_one_skips(tmp_path: Path, name: str) -> None:
    """An entry that names such a file would be published by one run, and held by the next."""
    whole = drop_and_scan(tmp_path, "a.toml", name)
    few = scan_some(tmp_path, ["a.toml"])

    assert few is not None
    assert (name in few.files) == (name in whole.files) == (name == "photo.jpg")


def test_a_link_to_a_folder_is_reported(tmp_path: Path) -> None:
    """It may lead in a circle; the files of a folder inside are read there."""
    folder = tmp_path / "entries"
    drop_and_scan(folder, "old/a.toml")
    for name, target in (("again", "."), ("desk", "old"), ("out", ".."), ("lost", "nothing")):
        (folder / name).symlink_to(target, target_is_directory=True)

    found = scan.scan_all(folder)
    assert dict(found.strays) == {
        "again": "link-folder",
        "desk": "link-folder",
        "lost": "link-outside",
        "out": "link-outside",
    }
    paths = ("again/a.toml", "desk/a.toml", "lost/a.toml", "out/b/a.toml", "outer/a.toml")
    assert [found.is_beyond_link(path) for path in paths] == [False, False, True, True, False]


def test_a_pipe_is_reported_and_never_opened(tmp_path: Path) -> None:
    """Reading it would never end."""
    os.mkfifo(tmp_path / "a.toml")

    assert dict(scan.scan_all(tmp_path).strays) == {"a.toml": "file-unreadable"}


def test_a_missing_entries_folder_stops_the_run(tmp_path: Path) -> None:
    """Its entries are not withdrawn."""
    with pytest.raises(IntakeError, match="Nothing was published"):
        scan.scan_all(tmp_path / "nowhere")


@pytest.mark.parametrize("size", [0, 3, MAX_SIZE, MAX_SIZE + 1, MAX_SIZE * 3])
def test_a_file_is_read_up_to_the_limit(size: int, tmp_path: Path) -> None:
    """One more byte shows that it is larger."""
    (tmp_path / "a.toml").write_bytes(b"x" * size)
    seen = scan.scan_all(tmp_path).files["a.toml"]

    source = scan.read(tmp_path, "a.toml", seen, clock=seen.changed + 2 * 10**9)

    assert (len(source.data), source.age) == (min(size, MAX_SIZE + 1), 2.0)


def test_a_file_that_grew_since_the_scan_is_not_read(tmp_path: Path) -> None:
    """It is still being written, and the next scan follows soon."""
    (tmp_path / "a.toml").write_bytes(b"xxx")

    with pytest.raises(ChangedError):
        scan.read(tmp_path, "a.toml", FileStamp(10**9, 2), clock=3 * 10**9)


def test_keys_of_ascii_names_equal_those_of_the_general_rule() -> None:
    """The fast path for ASCII gives the same result."""
    assert name_key("ABC/İ.toml".encode().decode()) == "abc/i̇.toml"
    assert name_key("ABC.toml") == name_key("abc.TOML") == "abc.toml"


@pytest.mark.parametrize(
    "path",
    ["a" * 250 + ".toml", "-" * 250 + ".toml", "(" * 250 + ".toml", "a-" * 120 + ".toml",
     "a (1)" * 50 + ".toml", "copy of " * 30 + ".toml", "conf" * 60 + ".toml",
     "a old" * 50 + ".toml", "new " * 20 + "a" + " new" * 20 + ".toml", ".toml", " .toml"],
)  # fmt: skip
def test_no_name_is_a_copy_of_a_missing_file(path: str) -> None:
    """Long and odd names cost little time, too."""
    assert list(likenesses(path, {})) == []


@pytest.mark.parametrize(
    ("kind", "seconds"), [("ext4", 0.3), ("cifs", 5), ("nfs4", 5), ("overlay", 0.3)]
)
def test_a_network_share_has_a_longer_settling_time(
    kind: str, seconds: float, tmp_path: Path
) -> None:
    """Its clock may differ, and changes arrive late."""
    mounts = tmp_path / "mounts"
    at = tmp_path
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/b {at} {kind} rw 0 0\n", "utf-8")

    still = scan.holds_still_after(tmp_path / "entries", mounts)

    assert still.total_seconds() == seconds


def test_without_a_list_of_mounts_a_folder_counts_as_local(tmp_path: Path) -> None:
    """Some systems have no such list."""
    assert scan.holds_still_after(tmp_path, tmp_path / "none").total_seconds() == 0.3


def test_the_owner_of_each_file_is_known(tmp_path: Path) -> None:
    """A file that is gone has none, nor has one whose owner the system does not know."""
    drop_and_scan(tmp_path, "a.toml", "b.toml", "c.toml")
    nobody = 2_000_000_011
    if os.geteuid() == 0:
        os.chown(tmp_path / "c.toml", nobody, -1)
    unknown = "" if os.geteuid() == 0 else (tmp_path / "c.toml").owner()
    own = (tmp_path / "a.toml").owner()

    found = scan.owners(tmp_path, ["a.toml", "gone.toml", "c.toml", "b.toml"])

    assert found == {"a.toml": own, "gone.toml": "", "c.toml": unknown, "b.toml": own}


def test_a_file_with_a_future_time_is_read(tmp_path: Path) -> None:
    """Archives may restore such times; it counts as changed when it arrived."""
    (tmp_path / "a.toml").write_bytes(b"x")
    os.utime(tmp_path / "a.toml", (2**31, 2**31))

    changed = scan.scan_all(tmp_path).files["a.toml"].changed

    assert changed <= time_ns()


@pytest.mark.parametrize(
    ("name", "text", "is_said"),
    [
        ("notes.txt", GOOD, True),
        ("Notes.md", "# ours\n\n" + GOOD, True),
        ("README", GOOD, True),
        ("settings.ini", GOOD, True),
        ("notes.txt", 'title = "Call the printer"\n', False),
        ("README.txt", "Write your news like this:\n\n" + GOOD, False),
        ("readme.pdf", GOOD, False),
        ("notes.txt", "", False),
    ],
)
def test_a_text_file_that_is_an_entry_is_reported(
    tmp_path: Path, name: str, text: str, *, is_said: bool
) -> None:
    """Only its content distinguishes it from notes; every encoding of Notepad is recognised."""
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / name).write_text(text, encoding=encoding)

        assert ("name-of-notes" in scan.scan_all(tmp_path).strays.values()) == is_said
