"""The entries folder as a share, which hangs and goes away as network file systems do.

`share.c` mounts another folder there. Staff write into that one, as from another machine, so
Dateline gets no notice of their changes. Only root may mount: others have a plain folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

SOURCE = Path(__file__).with_name("share.c")
_MOUNTS_WITHIN = 10.0  # seconds


def is_possible() -> bool:
    """Return whether this process may mount a share."""
    return os.geteuid() == 0 and os.access("/dev/fuse", os.R_OK | os.W_OK)


class Share:
    """The folder `mounted`, whose files are in `backing`."""

    def __init__(self, backing: Path, mounted: Path, program: Path) -> None:
        self.backing = backing
        self._mounted = mounted
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    def mount(self) -> None:
        """Mount it. Raises `TimeoutError` if it does not appear."""
        self._process = subprocess.Popen([self._program, self.backing, self._mounted])
        until = monotonic() + _MOUNTS_WITHIN
        while not self._mounted.is_mount():
            if monotonic() > until:
                raise TimeoutError(f"{self._mounted} is not mounted")
            sleep(0.02)

    def hang(self) -> None:
        """Let every call wait, until `go_on`."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        self._signal(signal.SIGCONT)

    def lose(self) -> None:
        """Let every call fail, until it is mounted again."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def mount_again(self) -> None:
        """Mount it after a loss."""
        self._unmount()
        self.mount()

    def end(self) -> None:
        """Unmount it."""
        self.go_on()
        self._unmount()
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _unmount(self) -> None:
        subprocess.run(["umount", "--lazy", self._mounted], check=False, capture_output=True)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


@contextmanager
def sharing(folder: Path, mounted: Path) -> Iterator[Share]:
    """Mount a share at `mounted`, with what it needs in `folder`."""
    program, backing = folder / "share", folder / "backing"
    backing.mkdir()
    flags = ("-O2", "-Wall", "-Wextra", "-Werror")
    subprocess.run(["cc", *flags, "-o", program, SOURCE], check=True)
    found = Share(backing, mounted, program)
    try:
        found.mount()
        yield found
    finally:
        found.end()
