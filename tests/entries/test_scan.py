"""The entries folder as it is: what matters in it, what is told, what is left alone."""

from __future__ import annotations

import os
from pathlib import Path
from time import time_ns

import pytest

from dateline.entries import scan
from dateline.entries.filenames import is_plain, likenesses, name_key, shown_path
from dateline.entries.scan import MAX_SIZE, ChangedError, FileStamp, Scan
from dateline.errors import IntakeError

GOOD = 'title = "Report"\ndate = 2026-11-24\nbody = """\nText.\n"""\n'


def drop(folder: Path, *names: str) -> Scan:
    """Write a file under each name, and look."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return scan.scan_all(folder)


def test_entries_are_found_in_every_folder(tmp_path: Path) -> None:
    """Sub-folders are free; entries come in the order of their names, whatever their case."""
    look = drop(tmp_path, "b.toml", "A.TOML", "2008/10/c.toml.txt", "photo.jpg")

    assert look.entries == ("2008/10/c.toml.txt", "A.TOML", "b.toml")
    assert set(look.files) == {*look.entries, "photo.jpg"}


def test_what_is_no_entry_is_skipped_and_named(tmp_path: Path) -> None:
    """Lock files, temporary files and settings of folders; whole folders of them, too."""
    names = ["~$a.docx", "a.toml.tmp", ".git/config", "__MACOSX/a.toml", "@eaDir/a.toml"]

    look = drop(tmp_path, *names)

    assert (dict(look.files), look.entries) == ({}, ())
    assert look.skipped == (".git", "@eaDir", "__MACOSX", "a.toml.tmp", "~$a.docx")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"r\xe9port.toml", "r\ufffdport.toml"),
        (b"a\nb.toml", "a\ufffdb.toml"),
        ("a\u202eb.toml".encode(), "a\ufffdb.toml"),
        (b"bad\x07folder", "bad\ufffdfolder"),
    ],
)
def test_a_name_that_cannot_be_shown_is_told(name: bytes, shown: str, tmp_path: Path) -> None:
    """What is told can be shown; nothing below such a folder is read."""
    path = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - a name of bytes
    if b"folder" in name:
        os.mkdir(path)  # noqa: PTH102
    else:
        os.close(os.open(path, os.O_CREAT))

    look = scan.scan_all(tmp_path)

    assert dict(look.strays) == {shown: "name-not-plain"}
    assert look.entries == (shown,)


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
def test_a_name_in_any_script_is_plain(name: str) -> None:
    """Joiners and the spaces of macOS are part of names."""
    assert is_plain(name)
    assert shown_path(name) == name


def test_names_that_differ_in_case_or_composition_are_told(tmp_path: Path) -> None:
    """On another computer they are one file: neither is read."""
    look = drop(
        tmp_path, "Report.toml", "report.toml", "caf\u00e9.toml", "cafe\u0301.toml", "b.toml"
    )

    assert set(look.strays.values()) == {"name-twice"}
    assert "b.toml" not in look.strays
    assert len(look.strays) == 4


@pytest.mark.parametrize("name", ["Team Photo.JPG", "team photo.jpg", "TEAM\u00a0PHOTO.jpg"])
def test_a_file_is_found_by_a_name_that_looks_alike(name: str, tmp_path: Path) -> None:
    """Case, composition, and the spaces that macOS puts into names do not matter."""
    look = drop(tmp_path, "team\u202fphoto.jpg")

    assert look.find(name) == "team\u202fphoto.jpg"


def test_a_link_inside_is_followed(tmp_path: Path) -> None:
    """Its size and its last change are those of the file that it leads to."""
    drop(tmp_path, "old/a.toml")
    (tmp_path / "b.toml").symlink_to("old/a.toml")

    look = scan.scan_all(tmp_path)

    assert look.files["b.toml"].size == 1
    assert dict(look.strays) == {}


def test_a_link_to_a_folder_is_told(tmp_path: Path) -> None:
    """It may lead in a circle."""
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)

    assert dict(scan.scan_all(tmp_path).strays) == {"again": "link-outside"}


def test_a_pipe_is_told_and_never_opened(tmp_path: Path) -> None:
    """Reading it would not end."""
    os.mkfifo(tmp_path / "a.toml")

    assert dict(scan.scan_all(tmp_path).strays) == {"a.toml": "file-unreadable"}


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Its entries are not gone: the run stops before anything is withdrawn."""
    with pytest.raises(IntakeError, match="Nothing was published"):
        scan.scan_all(tmp_path / "nowhere")


@pytest.mark.parametrize("size", [0, 3, MAX_SIZE, MAX_SIZE + 1, MAX_SIZE * 3])
def test_a_file_is_read_up_to_the_limit(size: int, tmp_path: Path) -> None:
    """One byte above it shows that it is larger."""
    (tmp_path / "a.toml").write_bytes(b"x" * size)
    seen = scan.scan_all(tmp_path).files["a.toml"]

    source = scan.read(tmp_path, "a.toml", seen, clock=seen.changed + 2 * 10**9)

    assert (len(source.data), source.age) == (min(size, MAX_SIZE + 1), 2.0)


def test_a_file_that_grew_since_it_was_looked_at_is_not_read(tmp_path: Path) -> None:
    """It is still being written: the next look is in a moment."""
    (tmp_path / "a.toml").write_bytes(b"xxx")

    with pytest.raises(ChangedError):
        scan.read(tmp_path, "a.toml", FileStamp(10**9, 2), clock=3 * 10**9)


def test_a_key_is_the_same_for_ascii_and_not() -> None:
    """The quick way for ASCII gives what the slow one gives."""
    assert name_key("ABC/İ.toml".encode().decode()) == "abc/i̇.toml"
    assert name_key("ABC.toml") == name_key("abc.TOML") == "abc.toml"


@pytest.mark.parametrize(
    "path",
    ["a" * 250 + ".toml", "-" * 250 + ".toml", "(" * 250 + ".toml", "a-" * 120 + ".toml",
     "a (1)" * 50 + ".toml", "copy of " * 30 + ".toml", "conf" * 60 + ".toml", ".toml", " .toml"],
)  # fmt: skip
def test_no_name_is_a_copy_of_what_is_not_there(path: str) -> None:
    """Long and odd names cost nothing and name nothing."""
    assert list(likenesses(path, {})) == []


@pytest.mark.parametrize(
    ("kind", "seconds"), [("ext4", 0.3), ("cifs", 5), ("nfs4", 5), ("overlay", 0.3)]
)
def test_a_share_is_given_more_time(kind: str, seconds: float, tmp_path: Path) -> None:
    """Its clock may be another, and what it tells of files comes late."""
    mounts = tmp_path / "mounts"
    at = tmp_path
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/b {at} {kind} rw 0 0\n", "utf-8")

    still = scan.holds_still_after(tmp_path / "entries", mounts)

    assert still.total_seconds() == seconds


def test_without_a_list_of_mounts_a_disk_is_a_disk(tmp_path: Path) -> None:
    """Not every system has one."""
    assert scan.holds_still_after(tmp_path, tmp_path / "none").total_seconds() == 0.3


def test_a_file_from_the_future_is_no_newer_than_its_arrival(tmp_path: Path) -> None:
    """An archive may hold times that have not come: the file is read all the same."""
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
def test_notes_that_are_an_entry_are_said(
    tmp_path: Path, name: str, text: str, *, is_said: bool
) -> None:
    """Only their text tells them from notes; in any encoding that Notepad writes."""
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / name).write_text(text, encoding=encoding)

        assert ("name-of-notes" in scan.scan_all(tmp_path).strays.values()) == is_said
