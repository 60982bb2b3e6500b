"""Regular expressions of other people, run in a process of their own with little time.

A pattern of ten characters, `(a|a)*$`, can take longer than anyone waits. A process that has used
up its time for one text is ended by the system, and the pattern is not tried again.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import suppress
from multiprocessing.util import Finalize
from typing import Any

from dateline.entries.media.limits import limit
from dateline.system.supervisor import module_environment

LONGEST = 1_000  # characters of a text that is searched, and of one that comes of it
_SECONDS = 1.0  # of a processor, for one pattern and one text
_IN_ALL = 3_600  # seconds of a processor
_MEMORY = 1 << 28  # bytes of addresses
# What `re` raises for a pattern that is none, or too deep, and for a replacement.
_BAD_PATTERN = (re.error, RecursionError, OverflowError, IndexError, MemoryError, ValueError)
# Not with -m: the package of this module has imported it by then.
_COMMAND = (sys.executable, "-P", "-c", f"from {__name__} import answer_all; answer_all()")


class ForeignPatterns:
    """Runs patterns; `refused` are those that were none or took too long."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self._process: subprocess.Popen[str] | None = None
        Finalize(self, _end, args=(self.__dict__,), exitpriority=10)

    def close(self) -> None:
        """End the process; it begins again with the next pattern."""
        _end(self.__dict__)

    def groups(self, pattern: str, text: str) -> dict[str, str]:
        """Return the named groups of a pattern at the beginning of a text, those that matched."""
        found = self._ask(pattern, None, text)
        return found if isinstance(found, dict) else {}

    def replaced(self, pattern: str, instead: str, text: str) -> str | None:
        """Return a text with the matches of a pattern replaced; None where that cannot be done."""
        found = self._ask(pattern, instead, text)
        return found if isinstance(found, str) else None

    def _ask(self, pattern: str, instead: str | None, text: str) -> Any:
        if pattern in self.refused or not hasattr(signal, "setitimer"):
            self.refused.add(pattern)
            return None
        process = self._process = self._process or _started()
        assert process.stdin  # noqa: S101 - both are pipes
        assert process.stdout  # noqa: S101
        with suppress(BrokenPipeError):  # then there is no answer either
            process.stdin.write(json.dumps([pattern, instead, text[:LONGEST]]) + "\n")
            process.stdin.flush()
        answer = process.stdout.readline()
        if not answer.endswith("\n"):
            _end(self.__dict__)
        found = json.loads(answer) if answer.endswith("\n") else None
        if found is None:
            self.refused.add(pattern)
        return found


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - ours
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=module_environment(),
        encoding="utf-8",
    )


def _end(own: dict[str, Any]) -> None:
    process, own["_process"] = own["_process"], None
    if process is not None:
        process.kill()
        process.communicate()


# ---- In the process


def answer_all() -> None:
    """Answer each line of the standard input, a pattern and a text, with one of JSON."""
    limit(_MEMORY, _IN_ALL)
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)  # its signal ends the process
        answer = _answer(*json.loads(line))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _answer(pattern: str, instead: str | None, text: str) -> Any:
    """Return the groups or the text, or None for a pattern that cannot be used."""
    try:
        if instead is None:
            matched = re.match(pattern, text)
            found = matched.groupdict() if matched else {}
            return {name: value for name, value in found.items() if value}
        made = re.sub(pattern, instead, text, flags=re.IGNORECASE)
    except _BAD_PATTERN:
        return None
    return made if len(made) <= LONGEST else None
