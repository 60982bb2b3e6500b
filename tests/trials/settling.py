"""What must hold once a trial has settled, and at its end.

`settle` waits until readers have what the model says; everything else is then checked at once:
all documents, all formats, the addresses of what is gone, the hub, and the processes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from time import monotonic, sleep
from typing import TYPE_CHECKING

from trials import alarms, feeds, output, performance, takedowns
from trials.judge import Answer
from trials.machine import slowness
from trials.model import Piece
from trials.readers import documents
from trials.texts import MARK, Seen, picture_name

if TYPE_CHECKING:
    from trials.trial import Trial

_ANNOUNCED = ("news.json", "news.rss", "news.atom", "lebanon.json", "lebanon.atom")
_TAKING_UP = 0.2  # seconds until web workers have what is new
_SHARES = 20  # of a small manifest, with some to spare
_SHARE_TAKES = 1.0  # seconds, until the publisher has checked the next
_HUB_WAITS = 3.0  # seconds, before the clock is set forward to the hub's next turn
_LATEST = 6 * 3600.0 * 1.3
_CODINGS = ("identity", "gzip", "br", "zstd")
_OWN = "http://127.0.0.1:"


def begin(trial: Trial) -> None:
    """Wait until the empty publication is served."""
    _wait(trial, lambda: [] if _get(trial, "/news.json") else ["no feed is served"])
    trial.judge.forget_times()


def settle(trial: Trial) -> None:
    """Wait until readers have what the model says, and check everything."""
    seen: dict[int, Seen] = {}
    begun = trial.now

    def unmet() -> list[str]:
        trial.model.tick(trial.now)
        if late := list(_health(trial, begun)):  # before the walk, so that it sees what came of it
            return late
        sleep(_TAKING_UP)
        walk = feeds.walk(trial, "news.json")
        if walk is None:
            return ["the feed cannot be walked"]
        seen.clear()
        seen.update(walk.seen)
        return [*walk.faults, *trial.model.differences(seen, trial.now), *_damage(trial)]

    if not _wait(trial, unmet):
        return
    for sentence in trial.model.learn(seen, trial.now):
        trial.broken(sentence)
    trial.judge.damaged &= {f"/media/{name}" for name in trial.lost_pictures}
    _wait(trial, lambda: _wrong_documents(trial))
    feeds.check(trial)
    _check_addresses(trial)
    takedowns.check(trial)
    _wait(trial, lambda: _hub(trial))  # time may pass, in which files that are gone are withdrawn
    _wait(trial, lambda: alarms.unmet(trial))
    alarms.check(trial)
    output.check(trial)
    performance.check(trial)
    trial.may_repeat = False
    trial.lied_at |= dict.fromkeys(trial.liars, trial.now)
    trial.liars.clear()


def _wait(trial: Trial, unmet: object) -> bool:
    """Wait until nothing is unmet; note what is when that takes too long."""
    begun, found, pause, step = monotonic(), ["?"], 0.05, 90.0
    forward = begun + _HUB_WAITS
    while monotonic() < begun + trial.patience * slowness():
        if trial.judge.broken:  # nothing is gained by waiting
            return False
        found = unmet()  # type: ignore[operator]  # a function without arguments
        if not found:
            return True
        if any(one.startswith(("the hub", "the mail")) for one in found) and monotonic() > forward:
            trial.pass_time(step)
            step, forward = min(step * 2, _LATEST), monotonic() + _HUB_WAITS
        sleep(pause)
        pause = min(pause * 1.5, 0.5)
    for sentence in found:
        trial.broken(f"{sentence}, {trial.patience:.0f} s after the last fault")
    return False


def _get(trial: Trial, path: str, coding: str = "identity") -> Answer | None:
    answer = trial.judge.read(path, coding=coding)
    return answer if answer and answer.status == 200 else None


def _damage(trial: Trial) -> Iterator[str]:
    """Yield the damaged documents that are not repaired yet, of those that can be."""
    pieces = trial.model.pieces.values()
    # A picture is restored from its file, if that is there and as it was published.
    lost = {picture_name(one.number) for one in pieces if one.text != one.shown}
    for path, digest in trial.damaged.items():
        if path.parent.name == "media" and path.name.partition("-")[2] in lost:
            trial.lost_pictures.add(path.name)
            continue
        if digest and path.exists() and sha256(path.read_bytes()).hexdigest() == digest:
            yield f"{path.name} is damaged as before"
        name = path.relative_to(trial.machine.room / "feeds").as_posix()
        answer = None if digest else trial.judge.read(f"/{name}")
        if answer is not None and answer.status == 503:
            yield f"{name} is not restored"


def _health(trial: Trial, begun: float) -> Iterator[str]:
    """Yield a sentence unless all is well, and the publisher has checked since a moment."""
    answer = trial.judge.read("/health")
    if answer is None:
        yield "nothing says whether the publication is healthy"
    elif answer.status != 200:
        yield f"the publication is not healthy ({answer.status} {answer.data.decode().strip()})"
    elif datetime.fromisoformat(json.loads(answer.data)["looked"]).timestamp() <= begun:
        yield "the publisher has not checked"


def _hub(trial: Trial) -> list[str]:
    """Return what the hub was not notified of; it fetched each document after its last change.

    What it refused, or what was to be announced when the ledger was lost, is announced with the
    next change of the document. The earlier release notified hubs before its own web workers had
    taken the documents up.
    """
    if trial.is_old:
        return []
    current = {path: _digest(trial, path) for path in _ANNOUNCED}
    fetched = trial.receivers.fetched
    owed = {path: one for path, one in current.items() if one and fetched.get(path) != one}
    if trial.hub_may_owe or "hub" in trial.liars:
        trial.hub_owed |= owed
        trial.hub_may_owe = False
    trial.hub_owed = {path: one for path, one in owed.items() if trial.hub_owed.get(path) == one}
    _check_repeated(trial, {path: one for path, one in current.items() if path not in owed})
    return [f"the hub has an old {path}" for path in owed if path not in trial.hub_owed]


def _check_repeated(trial: Trial, current: Mapping[str, str]) -> None:
    """Check that nothing was announced that has not changed.

    If a document has changed twice since it last settled, a hub may have fetched the second version
    upon the first notice: the second notice is late.
    """
    for path, digest in current.items():
        pings = trial.receivers.pings[path]
        before, then, late = trial.caught_up.get(path, ("", 0, 0))
        may_repeat = trial.may_repeat or "hub" in trial.liars
        if digest == before and pings > then + late and not may_repeat:
            trial.broken(f"{path} was announced {pings - then} times, and has not changed")
        late = int(digest != before and trial.acts > 1)
        trial.caught_up[path] = (digest, pings, late)


def _digest(trial: Trial, path: str) -> str:
    answer = _get(trial, f"/{path}")
    return sha256(answer.data).hexdigest() if answer else ""


# ---- Once it has settled


def _wrong_documents(trial: Trial) -> list[str]:
    """Return the documents that are answered otherwise than they lie on the disk."""
    folder = trial.machine.room / "feeds"
    wrong = []
    for number, path in enumerate(documents(folder)):
        answer = _get(trial, path, _CODINGS[number % len(_CODINGS)])
        try:
            data = (folder / path[1:]).read_bytes()
        except OSError:
            continue
        if answer is None or answer.data != data:
            wrong.append(f"{path} is not answered as it lies on the disk")
            continue
        coding = _CODINGS[number % len(_CODINGS)]
        again = trial.judge.read(path, known=answer.tag, coding=coding)
        if again is None or again.status != 304:
            wrong.append(f"{path} is answered whole to {answer.tag}, which it has")
    return wrong


def _check_addresses(trial: Trial) -> None:
    """Check that pages of live entries show them, and those of others are gone."""
    for piece in trial.model.pieces.values():
        if piece.first is None or not piece.first.address.startswith(_OWN):
            continue
        path = "/" + piece.first.address.partition("//")[2].partition("/")[2]
        answer = trial.judge.read(path)
        if answer is None:
            continue
        if piece.is_live and (answer.status != 200 or not _is_shown(piece.shown, answer)):
            trial.broken(f"the page of live news {piece.number} is {answer.status}: {path}")
        elif piece.is_live and (left := _left_on(piece, answer)):
            trial.broken(f"the page of news {piece.number} still has {left}")
        gone = {301, 404, 410} if piece.is_unknown else {301, 410}
        if not piece.is_live and answer.status not in gone:
            trial.broken(f"the page of news {piece.number}, which is gone, is {answer.status}")


def _is_shown(text: object, answer: Answer) -> bool:
    mark = getattr(text, "shown", "")
    return mark.encode() in answer.data


def _left_on(piece: Piece, answer: Answer) -> list[str]:
    """Return the marks of earlier versions that a page still has."""
    assert piece.first
    text = answer.data.decode("utf-8", "replace")
    place = piece.first.address.rpartition("/")[2].removesuffix(".html")
    found = {
        one[0] for one in MARK.finditer(text.replace(place, "")) if int(one[2]) == piece.number
    }
    return sorted(found - piece.shown.wanted()) if piece.shown else []


# ---- At the end


def finish(trial: Trial) -> None:
    """Check alarms, memory, an orderly end, and that nothing is left to do."""
    if trial.judge.broken:
        return
    _wait(trial, lambda: alarms.lasting(trial))
    _let_shares_be_checked(trial)
    code = trial.machine.stop()
    if code:
        trial.broken(f"serve ended with {code}")
    checked = trial.command("ledger", "check")
    if checked.returncode and not trial.lost_pictures:
        trial.broken(f"ledger check: {checked.stdout[-800:]}{checked.stderr[-800:]}")
    trial.command("build")  # what has fallen due since
    before = _public(trial)
    trial.command("build", "--all")
    after = _public(trial)
    changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    if changed:
        trial.broken(f"build --all changes {sorted(changed)[:5]} of a finished publication")
        _keep(trial)


def _let_shares_be_checked(trial: Trial) -> None:
    """Let minutes pass until a damaged manifest is noticed: each minute reads a share of it."""
    for _ in range(_SHARES):
        if not trial.command("ledger", "check").returncode:
            return
        trial.pass_time(60)
        trial.readers.rest(_SHARE_TAKES)


def _public(trial: Trial) -> Mapping[str, tuple[str, int]]:
    folder = trial.machine.room / "feeds"
    return {
        path: (
            sha256((folder / path[1:]).read_bytes()).hexdigest(),
            int((folder / path[1:]).stat().st_mtime),
        )
        for path in documents(folder)
    }


def _keep(trial: Trial) -> None:
    """Keep the folder of a publication for people, if they ask for it."""
    if kept := os.environ.get("TRIALS_KEEP"):
        shutil.copytree(trial.machine.room, kept, dirs_exist_ok=True)


def summary(trial: Trial) -> str:
    """Return what a trial has done, as JSON."""
    return json.dumps(trial.figures, sort_keys=True)
