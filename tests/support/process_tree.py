"""The processes of a machine, as `/proc` shows them. Nothing here imports Dateline."""

from __future__ import annotations

from pathlib import Path


def children(process: int) -> list[int]:
    """Return the ids of a process's children; empty once it has ended."""
    return [one for one, parent in _parents().items() if parent == process]


def descendants(process: int) -> list[int]:
    """Return the ids of a process's children, and of theirs."""
    parents, found = _parents(), [process]
    for one in found:  # grows meanwhile
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def of_session(leader: int) -> list[int]:
    """Return the ids of the other processes of a session, also those whose parent has ended."""
    return [one for one, stat in _stats().items() if int(stat[3]) == leader != one]


def _parents() -> dict[int, int]:
    """Return the parent of each process, by their ids.

    The lists of children that Linux keeps lack some while others end, and those of a thread that
    ends pass to another (proc_pid_task(5)).
    """
    return {one: int(stat[1]) for one, stat in _stats().items()}


def _stats() -> dict[int, list[str]]:
    numbers = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return {one: stat for one in sorted(numbers) if (stat := _stat_of(one))}


def words(process: int) -> bytes:
    """Return the command line of a process; empty once it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def child_with(process: int, word: bytes) -> int:
    """Return the first child with a word in its command line; 0 if none runs."""
    return next((one for one in children(process) if word in words(one)), 0)


def runs(process: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    return state_of(process) not in {"", "Z"}


def state_of(process: int) -> str:
    """Return the letter of a process's state, as proc(5) lists them; none once it is gone."""
    return next(iter(_stat_of(process)), "")


def _stat_of(process: int) -> list[str]:
    """Return what proc_pid_stat(5) lists after the name; nothing once the process is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return stat.rpartition(")")[2].split()
