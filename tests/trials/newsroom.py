"""What people do to a newsroom: a writer, an editor, an importer, a sysadmin and an enemy.

Each act is drawn without knowing the state: `which` chooses among what is there, and an act that
has no object does nothing. So a script stays valid when lines are taken out. Readers are always
there (`trial.py`).
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Any

from PIL import Image

from trials import enemy
from trials.machine import CallFault, NothingThereError, slowness
from trials.model import Piece
from trials.texts import Text, days_ago, moment, picture_name, today, with_values

if TYPE_CHECKING:
    from trials.trial import Trial

Line = dict[str, Any]
TOKEN = "trial-Xq7rT2mWz9LpKd4v"  # noqa: S105 - of publications that last for minutes
_WAITS = 15.0  # seconds for the newsroom's answer
_DAY = 86400.0
_KILLS = 3  # of an upgrade
_STARTS_WITHIN = 8.0  # seconds
_PAUSE = 0.3  # seconds


def draw(dice: Random) -> Line:
    """Return an act."""
    act = dice.choices([*DRAWS], [weight for _, weight in DRAWS.values()])[0]
    return {"do": act, **DRAWS[act][0](dice)}


def _draw_drop(dice: Random) -> Line:
    return {
        "by": dice.choice(("folder", "folder", "newsroom")),
        "age": dice.choice((0, 0, 0, 1, 3, 20, 45)),
        "hours": dice.choice((0, 0, 0, 0, 1, 5, 30, 100)),
        "lebanon": dice.random() < 0.5,
        "picture": dice.random() < 0.2,
        "draft": dice.random() < 0.1,
        "folder": dice.choice(("", "", "2026/", "desk/a/")),
    }


def _draw_edit(dice: Random) -> Line:
    return {
        "which": dice.randrange(1000),
        "by": dice.choice(("folder", "folder", "newsroom")),
        "what": dice.choice(
            ("body", "body", "title", "correct", "correct", "lebanon", "draft", "break", "retract")
        ),
    }


def _draw_which(dice: Random) -> Line:
    return {"which": dice.randrange(1000)}


def _draw_delete(dice: Random) -> Line:
    return {"which": dice.randrange(1000), "count": dice.choice((1, 1, 1, 2, 9))}


def _draw_answer(dice: Random) -> Line:
    return {"which": dice.randrange(1000), "way": dice.choice(("allow", "keep"))}


def _draw_import(dice: Random) -> Line:
    return {"count": dice.randint(1, 4), "age": dice.randint(1, 60)}


# ---- The writer


def _drop(trial: Trial, line: Line) -> None:
    """Write a new file, perhaps under embargo or as a draft."""
    now = trial.now
    number = trial.new_number()
    due = now + line["hours"] * 3600 if line["hours"] else 0.0
    text = Text(
        news=number,
        date=moment(due) if due else days_ago(now, line["age"]) if line["age"] else today(now),
        due=float(int(due)),
        is_about_lebanon=line["lebanon"],
        is_draft=line["draft"],
        has_picture=line["picture"],
    )
    by_newsroom = line["by"] == "newsroom" and not line["folder"]
    piece = Piece(number=number, path=f"{line['folder']}news{number}.toml")
    trial.model.pieces[number] = piece
    if text.has_picture:
        place = (trial.entries / piece.path).with_name(picture_name(number))
        data = picture(number)
        trial.model.pictures[sha256(data).hexdigest()] = number
        trial.put(place, data)
    _save(trial, piece, text, by_newsroom=by_newsroom)


def _edit(trial: Trial, line: Line) -> None:
    piece = trial.one_of(trial.editable(), line["which"])
    assert piece.text
    if line["what"] == "retract" and piece.shown is None:
        # Staff retract what readers have; new news that is retracted may be a file with a new name.
        raise NothingThereError
    text = _EDITS[line["what"]](trial, piece.text)
    _save(trial, piece, text, by_newsroom=line["by"] == "newsroom" and "/" not in piece.path)


def _corrected(trial: Trial, text: Text) -> Text:
    return with_values(text, corrections=(*text.corrections, trial.new_number()))


_EDITS: Mapping[str, Callable[[Any, Text], Text]] = {
    "body": lambda _, text: with_values(text, body=text.body + 1),
    "title": lambda _, text: with_values(text, title=text.title + 1),
    "correct": _corrected,
    "lebanon": lambda _, text: with_values(text, is_about_lebanon=not text.is_about_lebanon),
    "draft": lambda _, text: with_values(text, is_draft=not text.is_draft),
    "break": lambda _, text: with_values(text, is_broken=not text.is_broken),
    "retract": lambda _, text: with_values(text, retraction=0 if text.retraction else text.body),
}


def _save(trial: Trial, piece: Piece, text: Text, *, by_newsroom: bool) -> None:
    """Save a file in the folder, or through the newsroom if that takes it."""
    path = trial.entries / piece.path
    before = path.read_bytes() if path.exists() else None
    if not (text.is_broken or text.is_draft or text.due):
        trial.model.publish(text)
    if by_newsroom and not text.is_broken and not text.is_draft:
        _send(trial, piece.path, text.toml().encode(), before)
        after = path.read_bytes() if path.exists() else None
        if after == text.toml().encode():
            trial.model.write(piece, text)
            return
        if after != before:
            trial.broken(f"the newsroom wrote a part of {piece.path}")
    trial.model.write(piece, text)
    trial.put(path, text.toml().encode())


def _send(trial: Trial, name: str, data: bytes, before: bytes | None) -> None:
    """Send a file to the newsroom, with the validator of the one that it replaces."""
    fields = {"Authorization": f"Bearer {TOKEN}"}
    connection = HTTPConnection("127.0.0.1", trial.newsroom_port, timeout=_WAITS)
    with suppress(OSError, HTTPException):
        if before is not None:
            connection.request("GET", f"/drop/{name}", headers=fields)
            answer = connection.getresponse()
            answer.read()
            fields["If-Match"] = answer.headers.get("ETag", '"none"')
        connection.request("PUT", f"/drop/{name}", data, fields)
        answer = connection.getresponse()
        answer.read()
        trial.count(f"newsroom answered {answer.status}")
    connection.close()


def _rename(trial: Trial, line: Line) -> None:
    """Rename a file whose text readers have."""
    settled = [
        one
        for one in trial.editable()
        if one.text and one.text == one.shown and not one.text.has_picture
    ]
    piece = trial.one_of(settled, line["which"])
    folder, _, name = piece.path.rpartition("/")
    new = f"{folder}/x{name}" if folder else f"x{name}"
    with suppress(OSError):
        (trial.entries / piece.path).rename(trial.entries / new)
        piece.path = new
        trial.touched.add(piece.number)


# ---- The editor


def _delete(trial: Trial, line: Line) -> None:
    """Delete files, which withdraws their entries after the grace time."""
    for _ in range(max(1, min(line["count"], len(trial.deletable())))):
        piece = trial.one_of(trial.deletable(), line["which"])
        with suppress(OSError):
            (trial.entries / piece.path).unlink()
            trial.model.write(piece, None)
            piece.gone, piece.noticed = trial.now, None
            trial.touched.add(piece.number)


def _restore(trial: Trial, line: Line) -> None:
    """Write a deleted file again."""
    gone = [
        one
        for one in trial.model.pieces.values()
        if one.text is None
        and one.shown
        and not one.is_purged
        and not trial.is_imported(one)
        and one.number not in trial.touched
    ]
    piece = trial.one_of(gone, line["which"])
    assert piece.shown
    _save(trial, piece, piece.shown, by_newsroom=False)
    trial.touched.add(piece.number)


def _take_down(trial: Trial, line: Line) -> None:
    """Take an entry down, and delete its file; repeat it if it fails."""
    live = [one for one in trial.model.live() if one.first and one.number not in trial.touched]
    piece = trial.one_of(live, line["which"])
    assert piece.first
    trial.remove_files(piece)
    trial.model.forget(piece)
    trial.owe(("takedown", piece.first.id, "--yes"))
    trial.count("takedowns")


def _answer(trial: Trial, line: Line) -> None:
    """Answer a guard that asks, if one does."""
    trial.settle()
    done = trial.command("check", "--json")
    if code := re.search(r"many-gone-[0-9a-f]+", done.stdout):
        trial.model.answer()
        trial.command(line["way"], code[0])
        trial.count("guards answered")


# ---- The importer


def _import(trial: Trial, line: Line) -> None:
    """Import a feed of another site; the same again if it fails."""
    number = trial.new_number()
    items = []
    for place in range(line["count"]):
        piece_number = trial.new_number()
        text = Text(news=piece_number, date=days_ago(trial.now, line["age"] + place))
        piece = Piece(number=piece_number, path=f"imported{number}/")
        trial.model.pieces[piece_number] = piece
        trial.model.write(piece, text)
        items.append(_item(text))
    path = trial.machine.room / f"import{number}.json"
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Old", "items": items}
    path.write_text(json.dumps(feed), encoding="utf-8")
    trial.owe(("import", path.name, "--yes", "--folder", f"imported{number}"))
    trial.count("imports")


def _item(text: Text) -> Mapping[str, str]:
    address = f"https://old.example.org/{text.news}"
    return {
        "id": address,
        "url": address,
        "title": text.headline,
        "content_html": f"<p>{text.shown} and more.</p>",
        "date_published": f"{text.date}T10:00:00Z",
    }


# ---- The sysadmin


def _reload(trial: Trial, _: Line) -> None:
    trial.is_reloaded = True
    trial.machine.signal("supervisor", signal.SIGHUP)


def _restart(trial: Trial, _: Line) -> None:
    trial.restart()


def _build(trial: Trial, _: Line) -> None:
    """Publish beside the running publisher."""
    trial.command("build")
    trial.count("second publishers")


def _build_all(trial: Trial, _: Line) -> None:
    trial.command("build", "--all")


def _serve_twice(trial: Trial, _: Line) -> None:
    """Start a second `serve`, which has to refuse."""
    if not trial.machine.is_up() or trial.is_disturbed:
        raise NothingThereError
    done = trial.command("serve", "--port", str(trial.spare_port))
    if done.returncode != 2:
        trial.broken(f"a second serve ended with {done.returncode}: {done.stderr[-300:]}")
    trial.count("second publishers")


def _export(trial: Trial, _: Line) -> None:
    trial.command("ledger", "export", str(trial.machine.room.parent / "ledger.jsonl"))


def _wait(trial: Trial, line: Line) -> None:
    trial.pass_time(line["seconds"])


def _rest(trial: Trial, line: Line) -> None:
    trial.rest(line["seconds"])


def _settle(trial: Trial, _: Line) -> None:
    trial.settle()


def _upgrade(trial: Trial, line: Line) -> None:
    """Upgrade the publication; it may be killed at each so many writes of the migration."""
    if not trial.is_old:
        raise NothingThereError
    if skip := line.get("kill", 0):
        processes = ("publisher", "supervisor", "newsroom", "command")
        state = f"{trial.machine.room / 'state'}/"
        fault = CallFault(
            error="kill", calls=("write", "sync"), processes=processes, under=state, skip=skip,
            times=_KILLS,
        )  # fmt: skip
        trial.disturb()
        trial.may_repeat_alarms = True
        trial.machine.controls.arm(trial.count("calls armed"), fault)
    trial.upgrade()
    if line.get("kill"):
        _wait_for_start(trial)


def _wait_for_start(trial: Trial) -> None:
    """Let `serve` start, again and again if it is killed, until it is healthy."""
    ends = monotonic() + _STARTS_WITHIN * slowness()
    while monotonic() < ends:
        trial.rest(_PAUSE)
        answer = trial.judge.read("/health")
        if answer and answer.status == 200:
            return


def picture(number: int) -> bytes:
    """Return a picture that no other news has."""
    buffer = BytesIO()
    Image.new("RGB", (40, 30), (number % 256, number // 256, 7)).save(buffer, "PNG")
    return buffer.getvalue()


DRAWS: Mapping[str, tuple[Callable[[Random], Line], int]] = {
    "drop": (_draw_drop, 10),
    "edit": (_draw_edit, 9),
    "rename": (_draw_which, 2),
    "delete": (_draw_delete, 3),
    "restore": (_draw_which, 2),
    "take down": (_draw_which, 1),
    "answer": (_draw_answer, 1),
    "import": (_draw_import, 1),
    "reload": (lambda _: {}, 1),
    "restart": (lambda _: {}, 1),
    "build": (lambda _: {}, 1),
    "build all": (lambda _: {}, 1),
    "serve twice": (lambda _: {}, 1),
    "export": (lambda _: {}, 1),
    "attack": (_draw_which, 2),
    "guess": (lambda _: {}, 1),
}
ACTS: Mapping[str, Callable[[Trial, Line], None]] = {
    "drop": _drop,
    "edit": _edit,
    "rename": _rename,
    "delete": _delete,
    "restore": _restore,
    "take down": _take_down,
    "answer": _answer,
    "import": _import,
    "reload": _reload,
    "restart": _restart,
    "build": _build,
    "build all": _build_all,
    "serve twice": _serve_twice,
    "export": _export,
    "attack": enemy.attack,
    "guess": enemy.guess,
    "wait": _wait,
    "rest": _rest,
    "settle": _settle,
    "upgrade": _upgrade,
}
