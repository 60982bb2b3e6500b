"""A recording has every call that changes a file: all of it together gives the same folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from power.disk import Kind
from power.recording import record

pytestmark = pytest.mark.outside

PROGRAM = """
import os, sqlite3, sys, threading
from ctypes import CDLL, c_uint
from pathlib import Path

os.makedirs("in/ner")
Path("in/a b").write_bytes(b"one")
os.replace("in/a b", "in/é")
with open("old", "ab") as file:
    file.write(b" and more")
    file.flush()
    os.fsync(file.fileno())
with open("old", "r+b", buffering=0) as file:
    file.seek(2)
    file.write(b"X")
    os.pwrite(file.fileno(), b"Y", 5)
    os.writev(file.fileno(), [b"Z", b"Z"])
    file.truncate(9)
os.link("old", "link")
os.utime("link", (5, 5))
os.truncate("in/é", 2)
Path("gone").write_text("x")
Path("gone").unlink()
os.rmdir("in/ner")
os.rename("in", "moved")
CDLL(None).renameat2(-100, b"old", -100, "moved/é".encode(), c_uint(2))
folder = os.open(".", os.O_RDONLY)
os.fsync(folder)
CDLL(None).syncfs(folder)

def write(number):
    for part in range(20):
        with open(f"{number}-{part}", "wb") as file:
            file.write(bytes([number]) * 10_000)

threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
if not os.fork():
    os.write(os.open("child", os.O_CREAT | os.O_WRONLY), b"written by a child")
    os._exit(0)
os.wait()
for mode in ("DELETE", "WAL"):
    tables = sqlite3.connect(f"{mode}.sqlite")
    tables.execute(f"PRAGMA journal_mode={mode}")
    with tables:
        tables.execute("CREATE TABLE t (a)")
        tables.executemany("INSERT INTO t VALUES (?)", [[f"{n}" * 50] for n in range(500)])
    with tables:
        tables.execute("DELETE FROM t WHERE rowid % 3")
    tables.close()
"""


def test_everything_that_changes_a_file_is_recorded(tmp_path: Path) -> None:
    """By threads, children and SQLite; `record` compares the folder with what it recorded."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").write_bytes(b"old text")

    found = record(folder, [[sys.executable, "-c", PROGRAM]], log=tmp_path / "log")

    assert {one.kind for one in found.operations} == {*Kind}
    assert sorted({one.path for one in found.operations if one.kind is Kind.FOLDER}) == [
        "in", "in/ner",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.symlink('a', 'b')",
        "import os; os.posix_fallocate(os.open('a', os.O_CREAT | os.O_WRONLY), 0, 10)",
        "import os; os.sendfile(os.open('b', 66), os.open(os.__file__, 0), 0, 10)",
    ],
)
def test_a_call_that_is_not_followed_is_reported(program: str, tmp_path: Path) -> None:
    """A change that a recording lacks makes it useless."""
    with pytest.raises(NotImplementedError):
        record(tmp_path, [[sys.executable, "-c", program]], log=tmp_path.with_suffix(".log"))


def test_a_program_that_fails_is_no_recording(tmp_path: Path) -> None:
    """Its error is shown."""
    program = "import sys; sys.stderr.write('too bad'); sys.exit(2)"

    with pytest.raises(AssertionError, match="too bad"):
        record(tmp_path, [[sys.executable, "-c", program]], log=tmp_path / "log")
