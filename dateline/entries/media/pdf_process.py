"""Processes of their own that read PDFs, with little memory and little time.

Some kilobytes of a PDF can unpack to gigabytes of objects, and qpdf does not limit their sum. One
process imports pikepdf, and forks another for each file: what fills that one, keeps it busy or
breaks it ends nothing else, and leaves nothing for the next file. Windows has no such processes.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import OrderedDict
from contextlib import suppress
from multiprocessing.util import Finalize
from typing import Any, BinaryIO, NoReturn

from dateline.entries.media.limits import limit
from dateline.errors import MediaError
from dateline.system import heartbeat
from dateline.system.supervisor import RUN_MODULE, module_environment

_log = logging.getLogger(__name__)
_MEMORY = 1 << 30  # bytes of addresses: a PDF of 40 MB with 300,000 objects takes 600 MB
_SECONDS = 30  # of a processor: 1000 objects take 20 to 60 ms
_PATIENCE = 20 * _SECONDS  # of elapsed time, on a busy machine
_STARTS_WITHIN = 60  # seconds
_REMEMBERED = 10_000  # a held file is read again in each run
_HEAD = 8  # bytes: the length of the file that follows
_TOO_HARD = "pdf-too-hard"
# What a file does to the process that reads it. Other signals come from elsewhere.
_OF_FILE = frozenset({"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGXCPU"})

Description = dict[str, Any]  # `pages`, `title` and `language`, as of `pdf.Description`


class PdfReader:
    """Strips PDFs in processes that are started when they are needed; the last one is kept.

    Each thread that asks has a process for itself: none waits for what another reads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: subprocess.Popen[bytes] | None = None
        self._starter = 0  # the process that started it: a fork of that one starts another
        self._too_hard: OrderedDict[bytes, None] = OrderedDict()  # by digest
        self._killed: set[bytes] = set()  # the digests of files whose process was killed once
        Finalize(None, self.close, exitpriority=10)

    def strip(self, data: bytes, name: str) -> tuple[bytes, Description]:
        """Return the PDF called `name` as `pdf.strip` does.

        Raises `MediaError` for a broken or locked file, and one that needs too much time or memory,
        and `OSError` where no process can be started, or something else ends it.
        """
        if not hasattr(os, "fork"):
            return _stripped_here(data, name)
        digest = hashlib.sha256(data).digest()
        if digest in self._too_hard:
            raise MediaError(_TOO_HARD, found=name)
        heartbeat.waiting(_PATIENCE + _STARTS_WITHIN)
        try:
            answer, stripped = self._ask(data)
        finally:
            heartbeat.waiting()
        code = answer.get("code") or self._judged(answer, digest)
        if code == _TOO_HARD:
            self._remember(digest)
        if code:
            raise MediaError(code, found=name)
        return stripped, answer

    def close(self) -> None:
        """End the process that is kept, if there is one."""
        with self._lock:
            process, self._idle = self._idle, None
        if process is not None and self._starter == os.getpid():
            _end(process)

    def _ask(self, data: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the answer of a process; raises `OSError` if there is none."""
        process = self._take()
        try:
            process = process or _started()
            answered = _answer_of(process, data)
        except BaseException as error:  # also Ctrl+C: what is left of an answer is of no use
            if process:
                _end(process)
            if not isinstance(error, OSError):
                raise
            _log.error("No PDF can be read: %s", error)
            raise OSError(str(error)) from error  # its number is not that of a file
        self._keep(process)
        return answered

    def _take(self) -> subprocess.Popen[bytes] | None:
        """Return the process that is kept, if it is there and another thread has not taken it."""
        with self._lock:
            process, self._idle = self._idle, None
        if process is None or self._starter != os.getpid():
            return None
        if process.poll() is None:
            return process
        _end(process)
        return None

    def _keep(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            is_kept = self._idle is None or self._starter != os.getpid()
            if is_kept:
                self._idle, self._starter = process, os.getpid()
        if not is_kept:
            _end(process)

    def _judged(self, answer: dict[str, Any], digest: bytes) -> str:
        """Return the code for a file whose process was ended by something else.

        Once that raises `OSError`; the second time it is the file, which fills the machine.
        """
        if not (failure := answer.get("failure")):
            return ""
        if digest in self._killed:
            return _TOO_HARD
        if answer.get("is_killed"):
            self._killed.add(digest)
        _log.error("A PDF cannot be read: %s", failure)
        raise OSError(failure)

    def _remember(self, digest: bytes) -> None:
        self._killed.discard(digest)
        self._too_hard[digest] = None
        if len(self._too_hard) > _REMEMBERED:
            self._too_hard.popitem(last=False)


reader = PdfReader()  # of this process


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - ours
        [*RUN_MODULE, __name__, str(_MEMORY), str(_SECONDS), str(_PATIENCE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=module_environment(),
        start_new_session=True,  # Ctrl+C is for the process that waits for it
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and the one that reads a file for it."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # macOS: the first of them has ended
            os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _answer_of(process: subprocess.Popen[bytes], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the answer of a process, and the stripped file; raises `OSError`."""
    assert process.stdin  # noqa: S101 - both are pipes
    assert process.stdout  # noqa: S101
    with suppress(BrokenPipeError):  # then there is no answer either
        process.stdin.write(len(data).to_bytes(_HEAD) + data)
        process.stdin.flush()
    line = process.stdout.readline()
    if not line.endswith(b"\n"):
        raise OSError("the process that reads them ended")
    answer = json.loads(line)
    stripped = process.stdout.read(length := answer.pop("length"))
    if len(stripped) < length:
        raise OSError("the process that reads them ended")
    return answer, stripped


def _stripped_here(data: bytes, name: str) -> tuple[bytes, Description]:
    answer, stripped = _stripped(data)
    if code := answer.get("code"):
        raise MediaError(code, found=name)
    return stripped, answer


# ---- In the processes


def _main() -> None:
    """Answer for each file of the standard input with a line of JSON, and the stripped file."""
    from dateline.entries.media import pdf  # noqa: F401, PLC0415 - imported once, for all files

    limits = [int(one) for one in sys.argv[1:]]
    while head := sys.stdin.buffer.read(_HEAD):
        data = sys.stdin.buffer.read(int.from_bytes(head))
        if len(data) < int.from_bytes(head):  # nobody waits for it any more
            break
        try:
            answer = _answered_by_fork(data, *limits)
        except OSError as error:
            answer = _packed({"failure": str(error)})
        with suppress(BrokenPipeError):
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
        del data, answer  # the next ones need as much


def _answered_by_fork(data: bytes, memory: int, seconds: int, patience: int) -> bytes:
    """Return the answer of a process that reads one file; raises `OSError`."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb") as out:
        child = os.fork()
        if not child:
            pipe.close()
            _answer(data, out, memory, seconds, patience)
        out.close()
        answer = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        return answer
    if status < 0 and signal.Signals(-status).name in _OF_FILE:
        return _packed({"code": _TOO_HARD})
    is_killed = status == -signal.SIGKILL
    return _packed({"failure": f"its process ended with {status}", "is_killed": is_killed})


def _answer(data: bytes, out: BinaryIO, memory: int, seconds: int, patience: int) -> NoReturn:
    """Write the answer for a file, and end this process, whatever happens."""
    status = 1
    try:
        for pipe in (sys.stdin, sys.stdout):  # they are of the process before
            os.dup2(os.open(os.devnull, os.O_RDWR), pipe.fileno())
        limit(memory, seconds)
        signal.alarm(patience)
        try:
            answer = _packed(*_stripped(data))
        except MemoryError:
            answer = _packed({"code": _TOO_HARD})
        out.write(answer)
        out.close()
        status = 0
    finally:
        os._exit(status)


def _stripped(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what a PDF says of itself, or the code of a problem, and the stripped file."""
    from dateline.entries.media import pdf  # noqa: PLC0415 - it takes 40 ms, and few files are PDF

    try:
        stripped, own = pdf.strip(data)
    except MediaError as error:
        return {"code": error.code}, b""
    return own._asdict(), stripped


def _packed(answer: dict[str, Any], stripped: bytes = b"") -> bytes:
    return json.dumps({**answer, "length": len(stripped)}).encode() + b"\n" + stripped


if __name__ == "__main__":
    _main()
