"""Files of staff are saved whole, and never over what somebody else wrote."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from dateline.newsroom.saving import NotSaved, Refusal, Saved, reason_of, save


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_file_in_a_subfolder_is_saved(tmp_path: Path) -> None:
    """Its folder must be there: a typing error makes none."""
    (tmp_path / "2026").mkdir()

    assert save(tmp_path, "2026/a.toml", b"x") == Saved(
        path="2026/a.toml", digest=digest("x"), is_new=True
    )
    assert save(tmp_path, "2025/a.toml", b"x") == NotSaved(reason=Refusal.NO_FOLDER)


@pytest.mark.parametrize(
    "path", ["../a.toml", "2026/../../a.toml", "/a.toml", ".git/a.toml", "out/a.toml", "a/.b.toml"]
)
def test_no_file_is_saved_elsewhere(path: str, tmp_path: Path) -> None:
    """Neither above the folder, nor behind a link, nor where no entry is read."""
    folder = tmp_path / "entries"
    for one in (folder / "2026", folder / "a", folder / ".git", tmp_path / "other"):
        one.mkdir(parents=True)
    (folder / "out").symlink_to(tmp_path / "other")

    assert save(folder, path, b"x") == NotSaved(reason=Refusal.NAME)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize("there", ["A.toml", "a .toml"])
def test_a_name_that_looks_alike_is_taken(there: str, tmp_path: Path) -> None:
    """One that differs in case or in the kind of its spaces."""
    (tmp_path / there).write_text("x", encoding="utf-8")
    name = "a\u00a0.toml" if " " in there else "a.toml"

    assert save(tmp_path, name, b"y") == NotSaved(reason=Refusal.ALIKE, other=there)


@pytest.mark.parametrize("name", ["caf\u0065\u0301.toml", "what?.toml", " a.toml", "con.toml"])
def test_a_file_that_is_there_keeps_its_name(name: str, tmp_path: Path) -> None:
    """It is changed as it is, also where no new file may have this name."""
    (tmp_path / name).write_text("x", encoding="utf-8")

    assert save(tmp_path, name, b"y", digest("z")) == NotSaved(
        reason=Refusal.CHANGED, other=name, digest=digest("x")
    )
    assert save(tmp_path, name, b"y", digest("x")) == Saved(path=name, digest=digest("y"))
    assert [one.name for one in tmp_path.iterdir()] == [name]
    (tmp_path / name).unlink()
    assert isinstance(save(tmp_path, name, b"y", digest("y")), NotSaved)


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    """What it leads to stays, and so does the link."""
    (tmp_path / "outside").write_text("x", encoding="utf-8")
    (tmp_path / "entries").mkdir()
    link = tmp_path / "entries/a.toml"
    link.symlink_to(tmp_path / "outside")

    for seen in ("", digest("x")):
        assert isinstance(save(tmp_path / "entries", "a.toml", b"y", seen), NotSaved)
    assert (link.is_symlink(), (tmp_path / "outside").read_text("utf-8")) == (True, "x")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, Refusal.FULL),
        (errno.EDQUOT, Refusal.FULL),
        (errno.EROFS, Refusal.CLOSED),
        (errno.EACCES, Refusal.CLOSED),
        (errno.EMFILE, Refusal.BUSY),
        (errno.EIO, Refusal.BUSY),
    ],
)
def test_the_system_is_understood(number: int, reason: Refusal) -> None:
    """A full disk is no fault of the file, and one that is busy is not for long."""
    assert reason_of(OSError(number, "")) is reason
