"""Progress of commands: what a terminal shows while people wait, and a log does not."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dateline.cli import output
from dateline.cli.output import progress_bar
from support.paths import ROOT
from support.process_tree import state_of
from support.publication import Newsroom, entry_file
from support.serving import until

PUBLISHER = ROOT / "publisher.py"


@dataclass(frozen=True)
class Terminal:
    """A command with a terminal for standard error, or for all; `shown` is what appears there."""

    process: subprocess.Popen[bytes]
    leader: int
    shown: bytearray = field(default_factory=bytearray)

    def shows(self, text: str) -> bool:
        """Return whether a text has appeared."""
        try:
            while chunk := os.read(self.leader, 4096):
                self.shown.extend(chunk)
        except (BlockingIOError, OSError):  # nothing now, or its end
            pass
        return text.encode() in self.shown

    def waits(self) -> bool:
        """Return whether the command sleeps, as one does that waits for an answer."""
        return state_of(self.process.pid) == "S"


@contextmanager
def terminal(*words: str | Path, folder: Path, is_whole: bool = False) -> Iterator[Terminal]:
    """Run a program with a terminal on standard error; `is_whole`, also for input and output."""
    leader, follower = pty.openpty()
    os.set_blocking(leader, False)
    # A process started in the background ignores SIGINT, and so would the command.
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, *words],
        stdin=follower if is_whole else subprocess.DEVNULL,
        stdout=follower if is_whole else subprocess.PIPE,
        stderr=follower,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, own)
    os.close(follower)
    try:
        yield Terminal(process, leader)
    finally:
        process.kill()
        process.communicate()
        os.close(leader)


@contextmanager
def locked(folder: Path) -> Iterator[Callable[[], None]]:
    """Hold the lock of the ledger, as a long run does; yield the function that ends it."""
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lambda: fcntl.flock(lock, fcntl.LOCK_UN)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["check"], "Checking"),
        pytest.param(["ledger", "check"], "Checking", marks=pytest.mark.long),
        pytest.param(["ledger", "export", "out.jsonl"], "Exporting", marks=pytest.mark.long),
        pytest.param(["ledger", "recover"], "Recovering", marks=pytest.mark.long),
        pytest.param(["ledger", "import", "in.jsonl"], "Importing", marks=pytest.mark.long),
        pytest.param(["move", "--to", "https://a.example/"], "Reading", marks=pytest.mark.long),
        pytest.param(["allow", "many-gone-0a1b2c"], "Building", marks=pytest.mark.long),
        pytest.param(["build"], "Building", marks=pytest.mark.long),
    ],
)
def test_a_command_that_takes_long_shows_it(
    words: list[str], shown: str, newsroom: Newsroom
) -> None:
    """It does so while it waits for another run, and removes it in the end."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    (newsroom.folder / "in.jsonl").write_text("")

    with (
        locked(newsroom.folder / "state") as release,
        terminal(PUBLISHER, *words, folder=newsroom.folder) as command,
    ):
        assert until(lambda: command.shows(shown))
        release()
        printed, _ = command.process.communicate(timeout=60)

        assert shown.encode() not in printed
        assert command.shows("\x1b[2K")  # the line is erased


@pytest.mark.long
def test_a_command_for_programs_shows_no_progress(newsroom: Newsroom) -> None:
    """Standard error stays empty with --json."""
    newsroom.drop("good.toml", entry_file())

    with terminal(PUBLISHER, "build", "--json", folder=newsroom.folder) as command:
        command.process.communicate(timeout=60)

        assert not command.shows("\n")
        assert command.shown == b""


@pytest.mark.long
def test_steps_are_counted_where_they_are_known(tmp_path: Path) -> None:
    """What was done before the bar appeared counts, too."""
    program = (
        "from pathlib import Path\n"
        "from time import sleep\n"
        "from dateline.cli import output\n"
        "with output.portion('Building') as update:\n"
        "    for number in (1, 2):\n"
        "        update(number, 3)\n"
        "        while not Path(f'seen-{number}').exists():\n"
        "            sleep(0.05)\n"
    )
    with terminal("-c", program, folder=tmp_path) as command:
        assert until(lambda: command.shows("Building 1 of 3"))
        (tmp_path / "seen-1").touch()
        assert until(lambda: command.shows("Building 2 of 3"))


def test_a_log_has_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is soon done prints nothing there."""
    with output.portion("Building") as update:
        update(1, 3)
        update(3, 3)
    assert capsys.readouterr().err == ""

    moment = [0.0]
    monkeypatch.setattr(progress_bar, "monotonic", lambda: moment[0])
    monkeypatch.setattr(progress_bar, "_LOGGED", 10.0)
    with output.portion("Building") as update:
        update(1, 3)
        moment[0] = 10.0
        update(2000, 3000)
        update(2001, 3000)
    assert capsys.readouterr().err == "Building: 66 %, 2,000 of 3,000\n"


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "question"),
    [(["init", "news"], "Title of the publication"), (["takedown", "good.toml"], "Take it down?")],
)
def test_a_dialogue_that_is_left_refuses_the_command(
    words: list[str], question: str, newsroom: Newsroom
) -> None:
    """Ctrl+C at a question ends it with 2, and says that nothing was changed."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()

    with terminal(PUBLISHER, *words, folder=newsroom.folder, is_whole=True) as command:
        # Python misses a signal between the question's last letter and its wait for the answer.
        assert until(lambda: command.shows(question) and command.waits())
        command.process.send_signal(signal.SIGINT)

        assert command.process.wait(60) == 2
        assert command.shows("Stopped: nothing was changed.")
    assert not (newsroom.folder / "news").exists()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["build"], "Building"),
        pytest.param(["ledger", "export"], "Exporting", marks=pytest.mark.long),
    ],
)
def test_a_command_that_is_stopped_says_so(
    words: list[str], shown: str, newsroom: Newsroom
) -> None:
    """Ctrl+C while it works ends it with 130, as a shell expects, without a traceback."""
    with (
        locked(newsroom.folder / "state"),
        terminal(PUBLISHER, *words, folder=newsroom.folder) as command,
    ):
        assert until(lambda: command.shows(shown))
        command.process.send_signal(signal.SIGINT)

        assert command.process.wait(60) == 130
        assert command.shows("Stopped.")
        assert not command.shows("Traceback")
