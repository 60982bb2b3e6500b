"""Actions of staff on files, together with the model of the news."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine
from PIL import Image

from dateline import config as configuration
from dateline import publish
from dateline.model import Report
from dateline.rules.guards import Approval, code_of
from support.chronicle import ZONE, Chronicle, Piece, Text, changed, picture_name
from support.crashing import MEMORY, Nursery
from support.onlooker import Files, Onlooker, difference, everything, public
from support.publication import PUBLICATION

CONFIG = (
    PUBLICATION.replace("http://127.0.0.1:8000/", "{url}")
    + """\
entries = 3
days = 0

[[feed]]
name = "lebanon"
title = "Lebanon"
description = "News of Lebanon"
categories = ["Lebanon"]
entries = 3
days = 0

[[feed]]
name = "errata"
title = "Errata"
description = "What was wrong"
kinds = ["correction"]
entries = 3
days = 0
"""
)
URLS = ("http://127.0.0.1:8000/", "https://news.example.org/all/")
NAMES = [f"zqname{number}.toml" for number in range(5)] + [f"zqfolder/{n}.toml" for n in range(3)]
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


class Desk(RuleBasedStateMachine):
    """A newsroom, a model of it, and an observer that checks its feeds after each run.

    Files `touched` since the last run are left alone by most actions: the model does not cover two
    changes of one file between runs.
    """

    nursery: ClassVar[Nursery]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        (self.folder / "entries/zqfolder").mkdir(parents=True)
        self.now = self.latest = NOW
        self.model = Chronicle()
        self.onlooker = Onlooker(folder=self.folder, model=self.model, now=NOW)
        self.numbers = 0
        self.touched: set[int] = set()
        self.url = URLS[0]
        self.report: Report | None = None
        self.backup: dict[int, datetime | None] | None = None
        self.backed_up: set[str] = set()
        self.backed_up_at = 0
        self._configure()

    def teardown(self) -> None:
        """Clean up."""
        shutil.rmtree(self.folder)

    # ---- Files

    def _configure(self) -> None:
        text = CONFIG.format(url=self.url)
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def _drop(self, name: str, age: int, *, date: str = "", **values: Any) -> None:
        day = (self.now.astimezone(ZONE) - timedelta(days=age)).date().isoformat()
        number = len(self.model.pieces) + 1
        text = Text(news=number, title=1, body=1, date=date or day, **values)
        if self._is_free(name):
            self.model.pieces[number] = Piece(number=number)
            if text.has_picture:
                (self.folder / "entries" / picture_name(number)).write_bytes(_picture(number))
            self._write(name, text)

    def _write_over(self, path: str, date: str) -> None:
        """Put other news into a file, like staff who reuse yesterday's file for today."""
        number = len(self.model.pieces) + 1
        self.model.pieces[number] = Piece(number=number)
        self.touched.add(self.model.disk[path].news)
        self._write(path, Text(news=number, title=1, body=1, date=date))

    def _ahead(self, hours: int, *, bare: bool) -> str:
        moment = self.now + timedelta(hours=hours)
        if bare:
            return (moment.astimezone(ZONE) + timedelta(days=1)).date().isoformat()
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"

    def _is_free(self, name: str) -> bool:
        """Return whether a file may be written there."""
        return not {name, name.replace(".toml", " (1).toml")} & self.model.disk.keys()

    def _write(self, name: str, text: Text) -> None:
        self.model.disk[name] = text
        (self.folder / "entries" / name).write_text(text.toml(), encoding="utf-8")
        self.touched.add(text.news)

    def _remove(self, path: str) -> None:
        self.touched.add(self.model.disk.pop(path).news)
        (self.folder / "entries" / path).unlink()

    def _rewrite(self, which: int, *, run: bool, **values: Any) -> None:
        path = self._one_of(self._editable(), which)
        if path is None:
            return
        text = self.model.disk[path]
        edited = changed(text, **{name: make(text) for name, make in values.items()})
        before = self.model.pieces[text.news].accepted
        # With another title and another date, it would be other news.
        if not before or edited.title == before.title or edited.date == before.date:
            self._write(path, edited)
            self._end(run=run)

    def _untouched(self) -> list[str]:
        return sorted(p for p, text in self.model.disk.items() if text.news not in self.touched)

    def _movable(self) -> list[str]:
        """Return the files of news with one file, whose title and date are as published."""
        return [
            path
            for path in self._untouched()
            if len(self.model.paths(self.model.disk[path].news)) == 1
            and self._is_known_by_headline(self.model.disk[path])
        ]

    def _is_known_by_headline(self, text: Text) -> bool:
        accepted = self.model.pieces[text.news].accepted
        return not text.is_held(self.now) and (accepted is None or text.is_like(accepted))

    def _is_published_so(self, path: str) -> bool:
        text = self.model.disk[path]
        piece = self.model.pieces[text.news]
        return piece.is_live and piece.accepted == text and piece.owner == path

    def _editable(self) -> list[str]:
        """Return the files that staff can edit unambiguously: no copies, and none that is held."""
        return [
            path
            for path in self._untouched()
            if len(self.model.paths(self.model.disk[path].news)) == 1
            and not self.model.is_stuck(path)
            and not self.model.pieces[self.model.disk[path].news].is_purged
            and self.model.pieces[self.model.disk[path].news].owner in {"", path}
        ]

    def _one_of(self, paths: list[str], which: int) -> str | None:
        return paths[which % len(paths)] if paths else None

    def _forget(self, piece: Piece) -> None:
        piece.is_purged = True

    def _asked(self, code: str, kind: str, path: str) -> str:
        if kind == "other-news":
            return f"over {path}"
        if kind != "old-gone":
            return kind
        return next(p.id for p in self.model.live() if code_of("gone", [p.id]) == code)

    def _end(self, *, run: bool) -> None:
        if run:
            self.run()

    # ---- One run, and what must be true afterwards

    def run(
        self,
        after: int = 60,
        *,
        takedown: str = "",
        answer: Approval = publish.NOTHING,
        asked: str = "",
        killed: int = 0,
    ) -> None:
        """Do one run, and another if something waits for the next second; check everything.

        A run that is `killed` at an instruction is completed by the next one.
        """
        self.now += timedelta(seconds=after)
        settled = self.model.settle(self.now, (asked, answer.keep))
        if killed:
            self.nursery.run(self.folder, self.now, takedown=takedown, way="instruction", at=killed)
        report = self._build(takedown=takedown, answer=answer)
        published = {*report.published}
        while report.next and report.next <= self.now + timedelta(seconds=1):
            self.onlooker.check_validators()
            self.now = max(self.now, report.next)
            more = self.model.settle(self.now)
            settled.may_move |= more.may_move
            settled.arrived |= more.arrived
            report = self._build()
            published |= {*report.published}
        self.report = report
        self.latest = max(self.latest, self.now)
        self.touched.clear()
        arrived = {self.model.pieces[n].owner for n in settled.arrived}
        assert published == arrived or (killed and published < arrived)
        self.onlooker.check(settled, report, now=self.now, url=self.url)

    def _compare(self, before: Files) -> None:
        """Check that nothing changed; a window of days stays while the clock is set back."""
        found = difference(before, public(self.folder / "feeds"))
        assert self.now < self.latest or found == {}

    def poll(self) -> None:
        """Run when there is nothing to do."""
        still = everything(self.folder / "feeds")
        assert self._build().documents == ()
        assert everything(self.folder / "feeds") == still, "a run with nothing to do wrote"

    def _build(self, takedown: str = "", answer: Approval = publish.NOTHING) -> Report:
        config = configuration.load(self.folder / "config.toml")
        clock = datetime.now(UTC) + timedelta(seconds=2)
        return publish.build(
            config,
            publish.RunRequest(now=self.now, clock=clock, takedown=takedown, approval=answer),
        )

    def _generation(self) -> int:
        head = json.loads((self.folder / "feeds/.manifest.json").read_bytes())
        generation: int = head["generation"]
        return generation


def _picture(number: int) -> bytes:
    """Return a picture that no other news has."""
    buffer = BytesIO()
    Image.new("RGB", (4, 3), (number % 256, number // 256, 7)).save(buffer, "PNG")
    return buffer.getvalue()
