"""Cleaning of HTML within limits: of size, and in a process of its own of memory and time.

A parser opens each mark again in the blocks below it, so a text can become thousands of times as
long. No rule on markup foretells that for certain, so what comes of a text is limited.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import Protocol

from dateline.entries.media.limits import limit
from dateline.errors import MarkupError
from dateline.system import heartbeat
from dateline.system.supervisor import RUN_MODULE, module_environment

# The result may be so many times as long as the text, and so many characters longer.
_TIMES, _MORE = 10, 500_000
_MOST = 30_000_000  # characters that come of a text at worst, if it is cleaned in this process
_MEMORY = 1 << 30  # bytes of addresses: a megabyte of tags takes half of it
_SECONDS = 15  # of a processor: a megabyte of tags takes three
_PATIENCE = 40 * _SECONDS  # of elapsed time, on a busy machine
_REMEMBERED = 20_000
_KILLED = -9  # the exit status after SIGKILL
_too_hard: set[bytes] = set()  # digests of texts: a held file is read again in each run


class Clean(Protocol):
    """Function that cleans HTML, and calls `checked` after each step."""

    def __call__(self, whole: str, /, *, is_mixed: bool) -> str:
        """Return safe HTML; `is_mixed` where people wrote some of its tags."""
        ...


def checked(made: str, whole: str) -> str:
    """Return what came of a text. Raises `MarkupError` if that is too much."""
    if len(made) > _TIMES * len(whole) + _MORE:
        raise MarkupError
    return made


def cleaned(whole: str, clean: Clean, *, is_mixed: bool) -> str:
    """Return cleaned HTML. Raises `MarkupError` where that needs too much of anything.

    The module of `clean` calls `run` if it is started.
    """
    if _too_hard and _digest(whole) in _too_hard:
        raise MarkupError
    # At worst, each tag repeats all of the text before it.
    if not is_mixed or len(whole) * whole.count("<") <= _MOST:
        try:
            return clean(whole, is_mixed=is_mixed)
        except MarkupError:
            _remember(whole)
            raise
    heartbeat.waiting(_PATIENCE)
    try:
        done = subprocess.run(  # noqa: S603 - ours
            [*RUN_MODULE, clean.__module__],
            input=whole.encode(),
            env=module_environment(),
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
    except subprocess.SubprocessError as error:
        # One that was killed, or had no time, may have met a machine that was full or busy.
        is_own = isinstance(error, subprocess.CalledProcessError) and error.returncode != _KILLED
        if is_own:
            _remember(whole)
        raise MarkupError from error
    finally:
        heartbeat.waiting()
    return done.stdout.decode()


def _digest(whole: str) -> bytes:
    return hashlib.sha256(whole.encode()).digest()


def _remember(whole: str) -> None:
    """Remember not to clean a text again: it may take a second in each run."""
    if len(_too_hard) < _REMEMBERED:
        _too_hard.add(_digest(whole))


def run(clean: Clean) -> None:
    """Clean the HTML of the standard input; what needs too much ends this process."""
    limit(_MEMORY, _SECONDS)
    whole = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(clean(whole, is_mixed=True).encode())
