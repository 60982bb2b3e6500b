"""What must hold after each run, whatever staff did to files (`support.staff_acts`).

Not which files are held: that is for the rules. But news is live once, under the id that it had
first, as long as a file has it; a file without a problem is what readers have; and what no file
has any more is withdrawn.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import dateline
from dateline.errors import HELD, State
from dateline.model import Report
from support.staff_acts import Desk
from support.staff_texts import shown

GRACE = timedelta(minutes=10)
_OLD = timedelta(days=30)
_GONE = {"file-gone", "old-gone", "many-gone"}


class BrokenPromiseError(AssertionError):
    """A promise was broken; `kind` says which."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(f"{kind}: {said}")
        self.kind = kind


@dataclass(slots=True, kw_only=True)
class Watch:
    """What readers had after the runs before.

    `ids` and `owners` are the ids of news, and the news of ids; `live` the ids of live news, `left`
    the last files of what was withdrawn; `gone` is since when no file has some news, and what is
    `kept` stays without one.
    """

    desk: Desk
    ids: dict[int, str] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    live: dict[int, str] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    gone: dict[int, datetime] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)
    over: dict[int, str] = field(default_factory=dict)

    def check(self, report: Report) -> None:
        """Raise `BrokenPromiseError` if a run broke a promise."""
        items = [(item["id"], *shown(item["content_html"])) for item in self.desk.newsroom.items()]
        times = Counter(news for _, news, _ in items)
        for id_, news, _ in items:
            self._check_identity(id_, news, times[news])
        before, self.live = self.live, {news: id_ for id_, news, _ in items}
        self.desk.shown = {version for *_, version in items}
        self._note_homes(report)
        self._check_files(report, {(news, version) for _, news, version in items})
        self._check_presence(report, before)

    def let_go(self) -> None:
        """Note that staff let all news without files be withdrawn at once."""
        self.gone = dict.fromkeys(self.gone, self.desk.newsroom.now - GRACE)

    def published_from(self, path: str) -> dict[int, str]:
        """Return the live news that was last published from a file, with its titles."""
        entries = dateline.open(self.desk.newsroom.folder / "config.toml").entries()
        return {self.owners[one.id]: one.story.title for one in entries if one.story.path == path}

    def withdrawn_from(self, path: str) -> set[int]:
        """Return the withdrawn news that was last published from a file."""
        return {news for news, left in self.left.items() if left == path}

    def _note_homes(self, report: Report) -> None:
        """Note from which files news is live, and what stays because its file had other news."""
        entries = dateline.open(self.desk.newsroom.folder / "config.toml").entries()
        homes = {self.owners[one.id]: one.story.path for one in entries}
        left = {**self.left, **self.desk.homes}
        self.left = {news: path for news, path in left.items() if news not in homes}
        self.desk.homes = homes
        asked = {one.file for one in report.problems if one.code.startswith("other-news")}
        self.desk.asked = asked
        for news, path in self.over.items():
            if path not in self.desk.files:
                self.kept.add(news)
        self.over = {news: path for news, path in self.desk.homes.items() if path in asked}

    def _check_identity(self, id_: str, news: int, times: int) -> None:
        if times > 1:
            raise BrokenPromiseError("twice", f"news {news} is live {times} times")
        if self.owners.setdefault(id_, news) != news:
            said = f"{id_} was that of news {self.owners[id_]}, and has news {news}"
            raise BrokenPromiseError("moved id", said)
        if self.ids.get(news, id_) != id_ and news in self.live:
            raise BrokenPromiseError("new id", f"news {news} was {self.ids[news]}, and is {id_}")
        self.ids[news] = id_

    def _check_files(self, report: Report, live: set[tuple[int, int]]) -> None:
        held = {problem.file for problem in report.problems if problem.state in HELD}
        for path, text in self.desk.files.items():
            if path in held or text.is_draft:
                continue
            if text.is_broken or not path.endswith(".toml"):
                raise BrokenPromiseError("no message", f"nothing is said about {path}")
            if (text.news, text.version) not in live:
                raise BrokenPromiseError("not live", f"{path}, of which nothing is said")

    def _check_presence(self, report: Report, before: dict[int, str]) -> None:
        now = self.desk.newsroom.now
        there = {text.news for text in self.desk.files.values()}
        told = [p for p in report.problems if p.state in HELD or p.code in _GONE]
        for news in before.keys() | self.live.keys():
            if news in there:
                self.gone.pop(news, None)
                home = self.desk.files.get(self.desk.homes.get(news, ""))
                if home and home.news == news and home.version in self.desk.shown:
                    self.kept.discard(news)
            else:
                self.gone.setdefault(news, now)
            is_due = news not in there and self.gone[news] + GRACE <= now
            if news not in self.live and not is_due:
                raise BrokenPromiseError("lost", f"news {news}, whose files exist, is withdrawn")
            if news in self.live and is_due and not told and news not in self.kept:
                raise BrokenPromiseError("stays", f"news {news} has no file and nothing is said")

    def check_end(self, report: Report) -> None:
        """Raise `BrokenPromiseError` unless exactly the news that has files is live."""
        held = [one for one in report.problems if one.state is State.HOLD]
        if held:
            raise BrokenPromiseError("endless", f"{held[0].file}: {held[0].message}")
        wanted = {one.news for one in self.desk.files.values() if not one.is_draft} | self.kept
        if wanted - self.live.keys():
            raise BrokenPromiseError("not live", f"news {sorted(wanted - self.live.keys())}")
        extra = self.live.keys() - wanted
        if extra:
            raise BrokenPromiseError("stays", f"news {sorted(extra)}")
