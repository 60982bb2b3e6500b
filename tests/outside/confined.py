"""A program under much of what a systemd unit demands, without systemd as the first process.

The system calls and address families that the unit forbids are forbidden by the same kind of
filter. The program has no capability, lives in user, mount and process namespaces of its own,
sees only processes under `/proc`, and can write to one folder. As a program this module gives up
what is to be given up, and becomes another.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from support.paths import TESTS

_ALLOW = 0x7FFF0000  # seccomp.h
_REFUSE = 0x00050000
_EQUAL, _MASKED = 4, 7
_FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
_LAST_FAMILY = 45
_DROP, _LAST_CAPABILITY = 24, 40  # PR_CAPBSET_DROP of prctl(2), and capability.h
_MOUNTS = """
mount --bind "$1" "$1"
mount -o remount,bind,ro /
mount -t proc -o subset=pid proc /proc
shift
exec "$@"
"""


class _Comparison(ctypes.Structure):
    """`struct scmp_arg_cmp`."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def confined(unit: Path, writable: Path) -> list[str]:
    """Return the words to put before a command, so that it runs as a unit demands.

    `writable` is the only folder that it can write to.
    """
    spaces = ["unshare", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child"]
    limits = ["env", f"PYTHONPATH={TESTS}", sys.executable, "-m", "outside.confined", str(unit)]
    return [*spaces, "sh", "-ec", _MOUNTS, "sh", str(writable), *limits]


def main(unit: str, *command: str) -> None:
    """Give up what a unit forbids, and become the command."""
    library = ctypes.CDLL(None)
    for capability in range(_LAST_CAPABILITY + 1):
        library.prctl(_DROP, capability, 0, 0, 0)
    forbid_calls(Path(unit).read_text("utf-8"))
    os.execvp(command[0], command)  # noqa: S606 - a shell would need more calls


def forbid_calls(unit: str) -> None:
    """Filter the system calls of this process and its children as a unit demands."""
    [number] = settings(unit, "SystemCallErrorNumber")
    allowed = allowed_calls(unit)
    _other_refusals(unit).load()
    filters = _Filter(_REFUSE | getattr(errno, number))
    for call in sorted(allowed):
        filters.add(_ALLOW, call)
    filters.load()


def settings(unit: str, name: str) -> list[str]:
    """Return all values that a unit gives to a setting."""
    return re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)


def allowed_calls(unit: str) -> set[str]:
    """Return the names of the system calls that a unit allows."""
    allowed = _calls("@default")
    for value in settings(unit, "SystemCallFilter"):
        named = {call for word in value.lstrip("~").split() for call in _calls(word)}
        allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed


def _calls(word: str) -> set[str]:
    """Return the system calls in a set, and in the sets that it names."""
    if not word.startswith("@"):
        return {word}
    return {call for one in _sets()[word] for call in _calls(one)}


@cache
def _sets() -> dict[str, list[str]]:
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True
    ).stdout
    parts = re.split(r"^(?=@)", said, flags=re.MULTILINE)
    lines = [[line.strip() for line in part.splitlines()] for part in parts if part[:1] == "@"]
    return {name: [one for one in rest if one and one[0] != "#"] for name, *rest in lines}


def _other_refusals(unit: str) -> _Filter:
    """Return a filter against other address families and against memory that becomes code."""
    filters = _Filter(_ALLOW)
    [families] = settings(unit, "RestrictAddressFamilies")
    for family in {*range(_LAST_FAMILY + 1)} - {_FAMILIES[name] for name in families.split()}:
        refused = _REFUSE | errno.EAFNOSUPPORT
        filters.add(refused, "socket", _Comparison(0, _EQUAL, family))
    assert settings(unit, "MemoryDenyWriteExecute") == ["yes"]
    code, both = mmap.PROT_EXEC, mmap.PROT_EXEC | mmap.PROT_WRITE
    filters.add(_REFUSE | errno.EPERM, "mmap", _Comparison(2, _MASKED, both, both))
    filters.add(_REFUSE | errno.EPERM, "mprotect", _Comparison(2, _MASKED, code, code))
    return filters


class _Filter:
    """A filter of libseccomp, which systemd uses as well."""

    def __init__(self, otherwise: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action: int, call: str, *comparisons: _Comparison) -> None:
        """Add a rule; a call that this machine does not have is passed over."""
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            given = (_Comparison * len(comparisons))(*comparisons)
            failed = self._library.seccomp_rule_add_array(
                self._context, ctypes.c_uint32(action), number, len(comparisons), given
            )
            assert not failed, call

    def load(self) -> None:
        """Put the filter into force, for good."""
        assert not self._library.seccomp_load(self._context)
        self._library.seccomp_release(self._context)


if __name__ == "__main__":
    main(*sys.argv[1:])
