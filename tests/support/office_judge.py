"""What readers must see after each run, whatever an office did to its files (`support.office`).

Not which files are held: that is for the rules. But news is live once, under the id that it had
first; never before its moment, nor by a copy alone once it was corrected, retracted or taken down;
as long as it has a file; and each file that is not what readers have has a message.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import dateline
from dateline.errors import HELD, State
from dateline.model import Report
from support.office import Office
from support.office_texts import Said, Text, shown

GRACE = timedelta(minutes=10)
_GONE = {"file-gone", "old-gone", "many-gone"}


class WrongNewsError(AssertionError):
    """Readers or staff got something wrong; `kind` says what."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(f"{kind}: {said}")
        self.kind = kind


@dataclass(slots=True, kw_only=True)
class Judge:
    """What readers had after the runs before, and the ids of all news.

    `gone` is since when no file has some news; `asked` counts the questions about files whose news
    no other file has, by code.
    """

    office: Office
    ids: dict[int, str] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)
    gone: dict[int, datetime] = field(default_factory=dict)
    retracted: set[int] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)

    def check(self, report: Report) -> None:
        """Raise `WrongNewsError` if a run was wrong."""
        office = self.office
        items = [
            (item["id"], *shown(item["title"], item["content_html"]))
            for item in office.newsroom.items()
        ]
        times = Counter(news for _, news, _ in items)
        before = office.shown
        after = {news: said for _, news, said in items}
        office.shown = after
        office.held = {one.file for one in report.problems if one.state in HELD}
        office.asked = {one.file for one in report.problems if one.code.startswith("other-news")}
        for id_, news, _ in items:
            self._check_identity(id_, news, times[news], is_before=news in before)
        for news, said in after.items():
            self._check_news(news, before.get(news), said)
        self._check_files()
        self._check_presence(report, before)
        self.homes |= {path: news for news, path in office.meant.items() if news in after}
        self._count(report)

    def _check_identity(self, id_: str, news: int, times: int, *, is_before: bool) -> None:
        if times > 1 and news not in self.office.unclear:
            raise WrongNewsError("twice", f"n{news} is live {times} times")
        if self.owners.setdefault(id_, news) != news:
            raise WrongNewsError("moved id", f"{id_} of n{self.owners[id_]} has n{news}")
        if self.ids.setdefault(news, id_) != id_ and times == 1:
            if is_before:
                raise WrongNewsError("new id", f"n{news} was {self.ids[news]}, and is {id_}")
            self.ids[news] = id_  # it came back under another name and title

    def _check_news(self, news: int, before: Said | None, after: Said) -> None:
        office = self.office
        if news in office.taken:
            raise WrongNewsError("taken down", f"n{news} is back")
        if after == before or news in office.unclear:
            return
        path = office.meant.get(news, "")
        text = office.files.get(path)
        if text is None:
            raise WrongNewsError("no file", f"n{news} is live with {after}, was {before}")
        if before is None and (text.is_draft or not text.is_due(office.newsroom.now)):
            raise WrongNewsError(
                "early", f"n{news}: {path} is {'a draft' if text.is_draft else text.date}"
            )
        was_retracted = news in self.retracted
        self.retracted |= {news} if after.is_retracted else set()
        if before is None and path in office.asked:
            office.excuse(news, "over")
            return
        if before is None and text.is_broken:  # a copy without the mistake comes out
            return
        if not _is_as(text, after):
            raise WrongNewsError("other version", f"n{news}: {after}, and {path} has {text.said()}")
        is_older = before is not None and after.version < before.version
        if news in office.promoted and (is_older or (was_retracted and not after.is_retracted)):
            raise WrongNewsError("by a copy alone", f"n{news} is {after}, was {before}")

    def _check_files(self) -> None:
        office = self.office
        now = office.newsroom.now
        for path, text in office.files.items():
            if path in office.held or text.is_draft or text.news in office.unclear:
                continue
            own = office.meant.get(text.news)
            said = office.shown.get(text.news)
            if said is None and not text.is_due(now) and not text.is_broken:
                continue
            if text.is_broken or said is None or not _is_as(text, said):
                raise WrongNewsError(
                    "silent", f"{path} is n{text.news}, {text.said()}; {said} is live"
                )
            is_told = own in office.held or (own in office.files and office.files[own].is_draft)
            if own and own != path and not is_told:
                raise WrongNewsError("silent copy", f"{path} and {own} are both n{text.news}")

    def _check_presence(self, report: Report, before: dict[int, Said]) -> None:
        office = self.office
        now = office.newsroom.now
        there = {
            one.news
            for path, one in office.files.items()
            if not one.is_draft or path in office.held
        }
        told = [one for one in report.problems if one.state in HELD or one.code in _GONE]
        for news in before.keys() | office.shown.keys():
            if news in there:
                self.gone.pop(news, None)
            else:
                self.gone.setdefault(news, now)
            is_due = news not in there and self.gone[news] + GRACE <= now
            if news not in office.shown and not is_due and news not in office.taken:
                raise WrongNewsError("lost", f"n{news}, which has a file, is withdrawn")
            is_left = news in office.shown and is_due and news not in office.kept
            if is_left and not told:
                raise WrongNewsError("stays", f"n{news} has no file, and nothing is said")

    def owner_at(self, path: str, title: str) -> int | None:
        """Return the news that was published from a file, and has a title."""
        titled = [news for news, said in self.office.shown.items() if said.title == title]
        return titled[0] if len(titled) == 1 else self.published_from(path)

    def published_from(self, path: str) -> int | None:
        """Return the news that was last published from a file."""
        entries = dateline.open(self.office.newsroom.folder / "config.toml").entries()
        found = [self.owners[one.id] for one in entries if one.story.path == path]
        return found[0] if found else self.homes.get(path)

    def _count(self, report: Report) -> None:
        counts = Counter(text.news for text in self.office.files.values())
        for one in report.problems:
            text = self.office.files.get(one.file)
            if text and one.state in HELD and not text.is_broken and counts[text.news] == 1:
                self.asked[one.code] += 1

    def check_end(self, report: Report) -> None:
        """Raise `WrongNewsError` unless exactly what the office means is live."""
        office = self.office
        held = [one for one in report.problems if one.state is State.HOLD]
        if held:
            raise WrongNewsError("endless", f"{held[0].code} {held[0].file}: {held[0].message}")
        for news, path in office.meant.items():
            text, said = office.files[path], office.shown.get(news)
            if (
                news not in office.unclear
                and not text.is_draft
                and (said is None or not _is_as(text, said))
            ):
                raise WrongNewsError("not live", f"n{news}: {path} has {text.said()}, not {said}")
        extra = office.shown.keys() - office.meant.keys() - office.kept - office.unclear
        if extra:
            raise WrongNewsError("stays", f"n{sorted(extra)} at the end")


def _is_as(text: Text, said: Said) -> bool:
    """Return whether readers have what a text says; corrections once made stay."""
    wanted = text.said()
    is_same = (wanted.version, wanted.title) == (said.version, said.title)
    is_corrected = said.is_retracted or wanted.corrections <= said.corrections
    return is_same and is_corrected and wanted.is_retracted == said.is_retracted
