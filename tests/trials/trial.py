"""One trial: a newsroom whose script is carried out against a real `serve`, and judged.

A trial is calm or disturbed. It settles after some steps: all faults end, and within a bounded
time readers must have exactly what the model says, everywhere, whatever happened before.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from trials import earlier, settling
from trials.alarms import Alarms
from trials.configuration import SINCE
from trials.judge import Judge
from trials.machine import (
    Machine,
    NothingThereError,
    slowness,
)
from trials.model import Model, Piece
from trials.performance import Life
from trials.readers import Readers, free_port
from trials.receivers import Receivers
from trials.share import Share

Line = dict[str, Any]
ROOT = Path(__file__).parent.parent.parent
_Thing = TypeVar("_Thing")
PATIENCE = 60.0  # seconds, on a busy machine, until readers have what they must
_RESTS = 1.0  # seconds under faults before it settles
_TRIES = 5  # of a command that staff repeat


@dataclass(slots=True, kw_only=True)
class Trial:
    """The state of a trial, on which acts and faults work."""

    machine: Machine
    receivers: Receivers
    model: Model
    judge: Judge
    readers: Readers
    newsroom_port: int
    share: Share | None = None
    figures: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    touched: set[int] = field(default_factory=set)
    damaged: dict[Path, str] = field(default_factory=dict)
    owed: list[tuple[str, ...]] = field(default_factory=list)
    is_disturbed: bool = False
    may_repeat: bool = False
    hub_may_owe: bool = False
    may_repeat_alarms: bool = False
    is_share_away: bool = False
    lost_pictures: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    rests: float = _RESTS
    patience: float = PATIENCE
    output_read: int = 0
    alarms: Alarms = field(default_factory=Alarms)
    liars: set[str] = field(default_factory=set)
    lied_at: dict[str, float] = field(default_factory=dict)
    hub_owed: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    begun: float = 0
    numbers: int = 0
    acts: int = 1  # since it last settled; the beginning is one
    caught_up: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    lives: dict[int, Life] = field(default_factory=dict)
    is_reloaded: bool = False
    _ends: list[Callable[[], None]] = field(default_factory=list)

    # ---- What acts and faults ask

    @property
    def now(self) -> float:
        """Return the time that Dateline sees."""
        return self.machine.controls.now

    @property
    def entries(self) -> Path:
        """Return the folder of staff's files, wherever it is at present."""
        if self.share is not None:
            return self.share.backing
        away = self.machine.room / "entries.away"
        return away if away.exists() else self.machine.room / "entries"

    @property
    def spare_port(self) -> int:
        """Return a port that nobody uses."""
        return free_port()

    def new_number(self) -> int:
        """Return a number that was not used before."""
        self.numbers += 1
        return self.numbers

    def one_of(self, things: Sequence[_Thing], which: int) -> _Thing:
        """Return one of these. Raises `NothingThereError` if there are none."""
        if not things:
            raise NothingThereError
        return things[which % len(things)]

    def editable(self) -> list[Piece]:
        """Return the news whose files staff can edit."""
        return [
            piece
            for piece in self.model.pieces.values()
            if piece.text and not self.is_imported(piece) and piece.number not in self.touched
        ]

    def deletable(self) -> list[Piece]:
        """Return the news whose files have what readers have."""
        return [one for one in self.editable() if one.text == one.shown and one.is_live]

    def is_imported(self, piece: Piece) -> bool:
        """Return whether the files of a piece were written by an import."""
        return piece.path.startswith("imported")

    # ---- What acts and faults do

    def say(self, sentence: str) -> None:
        """Note what was done, for people."""
        self.log.append(sentence)

    def count(self, what: str, number: int = 1) -> int:
        """Add to a figure, and return it."""
        self.figures[what] += number
        return self.figures[what]

    def broken(self, sentence: str) -> None:
        """Note a broken promise."""
        self.judge.note(sentence)

    def put(self, path: Path, data: bytes) -> None:
        """Write a file of staff's, whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_bytes(data)
        temporary.replace(path)

    def remove_files(self, piece: Piece) -> None:
        """Delete the file of a piece of news; that of an imported one is found by its title."""
        with suppress(OSError):
            (self.entries / piece.path).unlink()
        if self.is_imported(piece) and piece.text:
            for path in (self.entries / piece.path).rglob("*.toml"):
                if piece.text.headline in path.read_text("utf-8"):
                    path.unlink()

    def overwrite(self, path: Path, data: bytes) -> None:
        """Write other bytes into a file, and keep its size and times."""
        stat = path.stat()
        with path.open("r+b") as file:
            file.write(data)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def damage(self, path: Path, digest: str) -> None:
        """Note that a file is damaged until it has another digest, or is there again."""
        feeds = self.machine.room / "feeds"
        if path.is_relative_to(self.machine.room / "state"):  # it may be the ledger
            self.may_repeat_alarms = self.hub_may_owe = True
            self.model.lose_times()
            is_of_alarms = path.name == "incidents.json"
            lose = self.alarms.lose_all if is_of_alarms else self.alarms.lose_files
            lose(self.receivers.webhook.messages)
        if path.is_relative_to(feeds) and not path.relative_to(feeds).parts[0].startswith("."):
            plain = self.note_other_bytes(path)
            # Only the number of bytes of media is compared when they are sent.
            if plain.startswith("/media/"):
                self.judge.damaged.add(plain)
            self.damaged[path] = digest

    def note_other_bytes(self, path: Path) -> str:
        """Note that a document may have other bytes; return its path without that of a coding."""
        name = path.relative_to(self.machine.room).as_posix().removeprefix("feeds")
        plain = name.removesuffix(".gz").removesuffix(".br").removesuffix(".zst")
        self.judge.were_damaged.add(plain)
        return plain

    def disturb(self) -> None:
        """Note that something disturbs the machine, until the trial settles."""
        self.is_disturbed = self.may_repeat = True

    def at_end(self, end: Callable[[], None]) -> None:
        """Call this when the trial settles."""
        self._ends.append(end)

    def pass_time(self, seconds: float) -> None:
        """Set the clock forward or back; what is due then is public from now on."""
        self.model.tick(self.now + seconds + 1 if seconds > 0 else self.now)
        self.machine.controls.advance(seconds)

    def owe(self, words: tuple[str, ...]) -> None:
        """Run a command now, and again once the trial settles if it fails."""
        if not self._is_done(words):
            self.owed.append(words)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command; faults that hang end when it takes too long."""
        self.count("commands")
        try:
            done = self.machine.command(
                *words, timeout=15 if self.is_disturbed else 120 * slowness()
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, 124, "", "")
        if not self.is_disturbed and ("Traceback" in done.stderr or done.returncode == 3):
            self.broken(f"{' '.join(words)} fails: {done.stderr[-2000:]}")
        return done

    def _is_done(self, words: tuple[str, ...]) -> bool:
        done = self.command(*words)
        self.say(f"{' '.join(words)}: {done.returncode} {done.stdout[-300:]} {done.stderr[-300:]}")
        return done.returncode == 0

    def restart(self) -> None:
        """Stop `serve` in order, and start it again."""
        was_up = self.machine.is_up()
        code = self.machine.stop()
        is_over = code in {0, -signal.SIGTERM}  # by the signal, where it was still starting
        if was_up and not is_over and not self.is_disturbed:
            self.broken(f"serve ended with {code}")
        self.may_repeat = True
        self.machine.start()
        self.count("restarts")

    @property
    def is_old(self) -> bool:
        """Return whether an earlier release runs."""
        return earlier.is_code(self.machine.code)

    def upgrade(self) -> None:
        """Stop `serve`, install this release in place of an earlier one, and start it again."""
        self.machine.stop()
        self.machine.code = ROOT
        with (self.machine.room / "config.toml").open("a", encoding="utf-8") as file:
            file.write(SINCE)
        self.machine.start()
        self.may_repeat = self.hub_may_owe = True
        self.count("upgrades")

    def settle(self) -> None:
        """End all faults, and wait until everything is as the model says."""
        self.readers.rest(self.rests if self.is_disturbed else 0.1)
        self._disarm()
        for end in reversed(self._ends):
            end()
        self._ends.clear()
        self.is_share_away = False
        self.rests = _RESTS
        for receiver in (self.receivers.hub, self.receivers.webhook, self.receivers.mail):
            receiver.behave("accept")
        self._start_again()
        self.is_disturbed = False
        self.lost.clear()
        self._pay()
        begun = monotonic()
        settling.settle(self)
        self.latencies.append(monotonic() - begun)
        self.touched.clear()
        self.damaged.clear()
        self.acts = 0
        self.count("settled")

    def rest(self, seconds: float) -> None:
        """Let faults last for a while; a service manager starts `serve` again if it was killed."""
        self._start_again()
        self.readers.rest(seconds)

    def _disarm(self) -> None:
        """End the faults of system calls; count those that met any."""
        for hits in self.machine.controls.disarm():
            number = hits.calls.total()
            self.count("kills" if hits.error == "kill" else "calls failed", number)
            self.count("faults", number if hits.error == "kill" else 1)
            for (call, process), one in hits.calls.items():
                self.kinds[f"calls: {hits.error} at {call}"] += one
                self.kinds[f"calls: {hits.error} in {process}"] += one

    def _start_again(self) -> None:
        """Start `serve` if it has ended, which only a kill may do."""
        if self.machine.is_up():
            return
        code = self.machine.serving.returncode if self.machine.serving else 0
        if code not in {-9, 0}:
            self.say(f"serve ended with {code}")
            self.count("serve ended")
        self.machine.stop()
        self.machine.start()

    def _pay(self) -> None:
        """Repeat the commands that failed while the machine was disturbed."""
        for words in self.owed:
            if not any(self._is_done(words) for _ in range(_TRIES)):
                self.broken(f"{' '.join(words)} fails again: {self.log[-1]}")
        self.owed.clear()
