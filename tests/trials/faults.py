"""Faults of a trial: how each is drawn, and what it does to the machine.

A fault lasts until the trial settles. A kill, a flipped bit and a deleted file are done at once;
what they damage has to be right again when it settles.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import zlib
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from trials import alarms
from trials.machine import CallFault, NothingThereError
from trials.receivers import WAYS

if TYPE_CHECKING:
    from trials.trial import Trial

Line = dict[str, Any]
CALLS = {
    "ENOSPC": ("write", "create", "sync", "name"),
    "EIO": ("open", "create", "read", "write", "sync", "name", "look", "list"),
    "ESTALE": ("open", "create", "read", "look", "list", "name"),
    "EROFS": ("create", "name"),
    "EACCES": ("open", "create", "name"),
    "EMFILE": ("open", "create", "list", "net", "socket"),
    "ENOMEM": ("memory", "open", "read", "write", "look", "list"),
    "ENOLCK": ("lock",),
    "ECONNRESET": ("send", "receive"),
    "ETIMEDOUT": ("net", "send", "receive"),
    "kill": (
        "open", "create", "read", "write", "sync", "name", "look", "list", "memory", "lock", "net",
        "send", "receive", "socket",
    ),
    "hang": ("open", "create", "read", "write", "sync", "name", "look", "list"),
}  # fmt: skip
_UNPACKED: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".br": brotli.decompress,
    ".zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
_KILLS = 0.4  # of call faults
_ALONE = 0.5  # of call faults are of one kind of call
_NOWHERE = frozenset({"net", "send", "receive", "socket", "memory"})  # on no file, or hardly ever
_RARE = frozenset({"sync", "lock", "net", "send", "receive", "socket", "name", "create", "list"})
_TIMES = {"hang": 1, "kill": 9}
_ALWAYS = 1_000_000  # calls
_FOLDERS = ("feeds", "state", "entries", "")
_ANYWHERE = frozenset({"EMFILE", "ENOMEM", "kill"})
_PROCESSES = ("publisher", "publisher", "publisher", "web", "newsroom", "search", "supervisor")


def draw(dice: Random, *, is_shared: bool = False) -> Line:
    """Return a fault of a newsroom whose entries are on a share, or in a folder."""
    kinds = {**DRAWS, **(_OF_SHARES if is_shared else _OF_FOLDERS)}
    kind = dice.choices([*kinds], [weight for _, weight in kinds.values()])[0]
    return {"do": kind, **kinds[kind][0](dice)}


def _draw_calls(dice: Random) -> Line:
    error = dice.choice([*CALLS])
    if dice.random() < _KILLS:
        error = "kill"
    # With others, calls that are rare would hardly ever be those that fail.
    count = 1 if dice.random() < _ALONE else dice.randint(1, len(CALLS[error]))
    calls = sorted(dice.sample(CALLS[error], count))
    folder = dice.choice(_FOLDERS if error not in _ANYWHERE else ("*", "*", *_FOLDERS))
    if _NOWHERE.issuperset(calls):
        folder = "*"
    is_all = dice.random() < 0.3
    return {
        "error": error,
        "calls": calls,
        "processes": sorted(
            {"publisher", "web", "newsroom", "search", "supervisor", "command"}
            if is_all and error != "hang"
            else {dice.choice(_PROCESSES), "command"}
        ),
        "under": folder,
        "skip": int(10 ** dice.uniform(0, 1 if _RARE.issuperset(calls) else 2.3)) - 1,
        "times": _TIMES.get(error) or int(10 ** dice.uniform(0, 4)),
    }


def _draw_file(dice: Random) -> Line:
    return {
        "folder": dice.choice(("feeds", "feeds", "state")),
        "file": dice.randrange(10_000),
        "bit": dice.randrange(1 << 40),
    }


def _draw_folder(dice: Random) -> Line:
    return {"folder": dice.choice(("state", "feeds", "feeds/archive", "feeds/media", "pair"))}


def _draw_process(dice: Random) -> Line:
    return {"process": dice.choice(_PROCESSES)}


def _draw_share(dice: Random) -> Line:
    # A publisher that hangs for a minute is killed.
    return {"way": dice.choice(("lose", "hang")), "seconds": 75 if dice.random() < 0.05 else 1}


def _draw_seconds(dice: Random) -> Line:
    return {"seconds": -int(10 ** dice.uniform(0, 4.5))}


def _draw_lie(dice: Random) -> Line:
    return {"who": dice.choice(("hub", "webhook", "mail")), "way": dice.choice(WAYS[1:])}


# ---- What they do


def _fail_calls(trial: Trial, line: Line) -> None:
    under = line["under"]
    place = (
        "" if under == "*" else f"{trial.machine.room / under if under else trial.machine.room}/"
    )
    fault = CallFault(
        error=line["error"],
        calls=tuple(line["calls"]),
        processes=tuple(line["processes"]),
        under=place,
        skip=line["skip"],
        times=line["times"],
    )
    trial.disturb()
    trial.may_repeat_alarms = True
    # A worker that cannot read what is new answers with what it had, and a hub that was notified
    # takes that.
    trial.hub_may_owe |= "web" in fault.processes
    trial.machine.controls.arm(trial.count("calls armed"), fault)


def _file(trial: Trial, line: Line) -> Path:
    """Return a file of a folder; each kind of file is as likely as any other."""
    kinds: dict[str, list[Path]] = {}
    for path in _files(trial, line["folder"]):
        kinds.setdefault(_kind_of(path.relative_to(trial.machine.room)), []).append(path)
    kind = trial.one_of(sorted(kinds), line["file"])
    trial.kinds[f"{line['do']}: {kind}"] += 1
    return trial.one_of(kinds[kind], line["file"] // len(kinds))


def _kind_of(path: Path) -> str:
    """Return the kind of a file: its folder, and its name without what differs between files."""
    is_document = path.parts[0] == "feeds" and not path.name.startswith(".")
    name = f"*{''.join(path.suffixes)}" if is_document else path.name
    return re.sub(r"[0-9a-f]*[0-9][0-9a-f]*", "*", f"{'/'.join(path.parts[:-1][:2])}/{name}")


def _files(trial: Trial, folder: str) -> list[Path]:
    # Other than `rglob`, this takes folders that go meanwhile.
    found = (
        Path(place, name)
        for place, _, names in os.walk(trial.machine.room / folder)
        for name in names
    )
    return sorted(one for one in found if one.is_file() and not one.is_symlink())


def _flip(trial: Trial, line: Line) -> None:
    """Flip a bit, and keep size and time of the file, as a failing disk does."""
    path = _file(trial, line)
    before = path.read_bytes() if path.exists() else b""
    if not before:
        raise NothingThereError
    data = bytearray(before)
    place, bit = divmod(line["bit"] % (8 * len(data)), 8)
    data[place] ^= 1 << bit
    _lose(trial, path)
    trial.disturb()
    trial.say(f"flip bit {bit} of byte {place} of {path.relative_to(trial.machine.room)}")
    trial.overwrite(path, bytes(data))
    if means_the_same(path, before, bytes(data)):
        trial.note_other_bytes(path)
    else:
        trial.damage(path, sha256(data).hexdigest())
    trial.count("flips")


def means_the_same(path: Path, before: bytes, after: bytes) -> bool:
    """Return whether a compressed file unpacks as before: some bits of its head mean nothing."""
    unpack = _UNPACKED.get(path.suffix)
    try:
        return unpack is not None and unpack(before) == unpack(after)
    except (EOFError, OSError, zlib.error, brotli.error, zstandard.ZstdError):
        return False


def _delete_file(trial: Trial, line: Line) -> None:
    path = _file(trial, line)
    _lose(trial, path)
    trial.disturb()
    trial.say(f"delete {path.relative_to(trial.machine.room)}")
    trial.damage(path, "")
    path.unlink(missing_ok=True)
    if path.name.startswith("ledger.sqlite"):
        trial.model.lose_times()
        trial.hub_may_owe = True
    trial.count("files deleted")


def _lose(trial: Trial, path: Path) -> None:
    """Note that the ledger, the manifest or both are lost with a file or folder.

    Each is made again from the other, but how long that takes is open. So until the trial settles,
    one is not lost after the other: staff would be asked.
    """
    lost = lost_with(path)
    if lost and trial.lost and lost != trial.lost:
        raise NothingThereError
    trial.lost |= lost


def lost_with(path: Path) -> set[str]:
    """Return whether the ledger, the manifest of what is published, or both are lost."""
    of_both = {
        "ledger": ("ledger.sqlite", "state", "pair"),
        "manifest": (".manifest", "feeds", "pair"),
    }
    return {name for name, begins in of_both.items() if path.name.startswith(begins)}


def _delete_folder(trial: Trial, line: Line) -> None:
    """Delete a folder, or with `pair` the ledger and the manifest."""
    room = trial.machine.room
    if line["folder"] == "pair" and not trial.model.live():
        raise NothingThereError  # staff would be asked whether anything was published
    _lose(trial, room / line["folder"])
    trial.disturb()
    trial.count("folders deleted")
    if line["folder"] == "pair":
        trial.model.lose_all()
        trial.alarms.lose_all(trial.receivers.webhook.messages)
        # What was to be announced, and which alarms were sent, is lost with the ledger.
        trial.hub_may_owe = trial.may_repeat_alarms = True
        shutil.rmtree(room / "state", ignore_errors=True)
        for path in (room / "feeds").glob(".manifest*"):
            path.unlink(missing_ok=True)
        return
    if line["folder"] == "state":
        trial.model.lose_times()
        trial.hub_may_owe = trial.may_repeat_alarms = True
    for path in _files(trial, line["folder"]):
        trial.damage(path, "")
    shutil.rmtree(room / line["folder"], ignore_errors=True)


def _move_entries_away(trial: Trial, _: Line) -> None:
    """Take the entries folder away, as a share that is not mounted."""
    entries, away = trial.machine.room / "entries", trial.machine.room / "entries.away"
    if away.exists() or trial.share is not None:
        raise NothingThereError
    trial.disturb()
    entries.rename(away)
    trial.at_end(lambda: _bring_back(entries, away))
    trial.count("shares away")


def _stop_news(trial: Trial, line: Line) -> None:
    """Keep all news back for longer than alarms wait, and require one; nothing else is wrong."""
    if trial.is_disturbed or not alarms.is_certain(trial):
        raise NothingThereError
    if line["way"] == "entries" and trial.share is not None:
        _disturb_share(trial, {"way": "lose", "seconds": 1})
    elif line["way"] == "entries":
        _move_entries_away(trial, line)
    else:
        trial.disturb()
        fault = CallFault(
            error="ENOSPC", calls=("write", "create"), processes=("publisher",), times=_ALWAYS,
            under=f"{trial.machine.room}/",
        )  # fmt: skip
        trial.machine.controls.arm(trial.count("calls armed"), fault)
    alarms.require(trial)
    trial.count("alarms required")


def _disturb_share(trial: Trial, line: Line) -> None:
    """Let the share of the entries hang, or lose it; then it is as before."""
    if trial.share is None or trial.is_share_away:
        raise NothingThereError
    trial.disturb()
    trial.is_share_away = True
    trial.may_repeat_alarms = True  # a publisher that hangs for long is killed
    trial.rests = float(line["seconds"])
    if line["way"] == "lose":
        trial.share.lose()
        trial.at_end(trial.share.mount_again)
    else:
        trial.share.hang()
        trial.at_end(trial.share.go_on)
    trial.count("shares lost" if line["way"] == "lose" else "shares that hang")


def _bring_back(entries: Path, away: Path) -> None:
    if entries.exists():  # an import or a problem file may have been written there
        shutil.copytree(entries, away, dirs_exist_ok=True)
        shutil.rmtree(entries)
    away.rename(entries)


def _kill(trial: Trial, line: Line) -> None:
    trial.disturb()
    trial.may_repeat_alarms = True
    trial.machine.signal(line["process"], signal.SIGKILL)
    trial.count("kills")


def _pause(trial: Trial, line: Line) -> None:
    """Stop a process, as a machine that is suspended; it goes on when the trial settles."""
    trial.disturb()
    trial.machine.signal(line["process"], signal.SIGSTOP)
    trial.at_end(trial.machine.resume)
    trial.count("pauses")


def _set_clock(trial: Trial, line: Line) -> None:
    trial.pass_time(line["seconds"])
    trial.count("clocks set back")


def _lie(trial: Trial, line: Line) -> None:
    receiver = trial.receivers.named(line["who"])
    receiver.behave(line["way"])
    trial.liars.add(line["who"])
    trial.count("lies")


_Draws = Mapping[str, tuple[Callable[[Random], Line], int]]
DRAWS: _Draws = {
    "fail calls": (_draw_calls, 20),
    "flip": (_draw_file, 6),
    "delete file": (_draw_file, 3),
    "delete folder": (_draw_folder, 2),
    "kill": (_draw_process, 5),
    "pause": (_draw_process, 2),
    "set clock": (_draw_seconds, 2),
    "lie": (_draw_lie, 5),
}
STOPS = ("entries", "disk")
_OF_FOLDERS: _Draws = {"take entries away": (lambda _: {}, 2)}
_OF_SHARES: _Draws = {"disturb share": (_draw_share, 2)}
FAULTS: Mapping[str, Callable[[Trial, Line], None]] = {
    "fail calls": _fail_calls,
    "flip": _flip,
    "delete file": _delete_file,
    "delete folder": _delete_folder,
    "disturb share": _disturb_share,
    "take entries away": _move_entries_away,
    "stop news": _stop_news,
    "kill": _kill,
    "pause": _pause,
    "set clock": _set_clock,
    "lie": _lie,
}
