"""An office: its files, and what it means by them.

The office knows which file it means for each piece of news; all others with that news are copies.
What it does at random is in `support.office_acts`, what that must lead to in
`support.office_judge`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from random import Random

from support.office_texts import Said, Text
from support.publication import Newsroom

# What is not judged, and why; `STRICT=moved` in the environment has it judged.
EXCUSES = {
    "copied": "a copy was made and its file changed between two runs: none is known to be first",
    "edited": "a copy and its file were edited between two runs: both may be meant",
    "moved": "a fault that is known: a copy of news that waits was moved, and its file changed, "
    "between two runs; nothing tells any more that it was a copy, and both come out",
    "named": "a fault that is known: `copy-alone` names a file as gone that has other news now",
    "over": "while staff are asked about news that was written over a file, a copy of it comes out",
    "several": "one of several copies was kept, and another may be meant as well",
}
_STRICT = {*os.environ.get("STRICT", "").split(",")}
FIRST = 100  # number of the news that acts are about; what is before stays
FOLDERS = ("", "", "2026/", "ports/news/")
COPY_NAMES = (
    "{stem} - Copy.toml", "{stem} - Copy (2).toml", "{stem} (1).toml", "Copy of {stem}.toml",
    "{stem} copy.toml", "{stem}2.toml", "{stem}_final.toml", "{stem} old.toml",
    "old/{stem}.toml", "backup/{stem}.toml", "backup/{stem}-2026-11.toml", "text.toml",
    "{stem} (Anna's conflicted copy 2026-11-25).toml", "{stem}-PC12.toml",
    "{stem} (conflicted copy 2026-11-25 101500).toml",
    "{stem}.sync-conflict-20261125-101500-ABCDEFG.toml",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Office:
    """The files of an office with what they say, and what it means by them.

    `meant` is the file of each piece of news; `bin` what was deleted, `former` what readers had
    before. `shown` is what readers had after the last run; then, the files in `held` were held, and
    those in `asked` may have other news. `changed` is the news whose own file was changed since,
    and `copied` that of which a copy was made, edited or moved since; where both happened, it is
    `unclear` (`EXCUSES`). A copy that was kept alone is `promoted` to be the file; news is `taken`
    down, or `kept` live without a file.
    """

    newsroom: Newsroom
    files: dict[str, Text] = field(default_factory=dict)
    meant: dict[int, str] = field(default_factory=dict)
    bin: list[tuple[str, Text]] = field(default_factory=list)
    shown: dict[int, Said] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    copied: dict[int, str] = field(default_factory=dict)
    unclear: set[int] = field(default_factory=set)
    promoted: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    former: list[Text] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(FIRST, 1_000_000)))

    # ---- Files

    def write(self, path: str, text: Text) -> None:
        """Save a text."""
        self.files[path] = text
        self.newsroom.drop(path, text.toml())

    def remove(self, path: str) -> Text:
        """Delete a file, and return what it said."""
        (self.newsroom.folder / "entries" / path).unlink()
        return self.files.pop(path)

    def start(self, path: str, text: Text) -> None:
        """Save news that no file has."""
        self.write(path, text)
        self.meant[text.news] = path
        self.changed.add(text.news)

    def change(self, news: int, text: Text, to: str = "") -> None:
        """Give the file of some news another text, and possibly another name."""
        path = self.meant[news]
        if self.shown.get(news) == self.files[path].said():
            self.former.append(self.files[path])
        if to and to != path:
            self.remove(path)
            self.meant[news] = path = to
        self.write(path, text)
        self.promoted.discard(news)
        self.touch(news)

    def touch(self, news: int) -> None:
        """Note that the file of some news was changed since the last run."""
        if news in self.copied:
            self.excuse(news, self.copied[news])
        self.changed.add(news)

    def note_copy(self, news: int, how: str) -> None:
        """Note that a copy was made, edited or moved since the last run."""
        self.copied.setdefault(news, how)
        if news in self.changed and how != "copied":
            self.excuse(news, how)

    def excuse(self, news: int, why: str) -> None:
        """Do not judge what becomes of some news."""
        assert why in EXCUSES
        if why not in _STRICT:
            self.unclear.add(news)

    def text(self, news: int) -> Text:
        """Return what the file of some news says."""
        return self.files[self.meant[news]]

    def others(self, news: int) -> list[str]:
        """Return the copies of the file of some news."""
        own = self.meant.get(news)
        return sorted(p for p, one in self.files.items() if one.news == news and p != own)

    def live(self, news: int) -> bool:
        """Return whether readers have some news."""
        return news in self.shown

    def begin_run(self) -> None:
        """Note that the files are looked at now."""
        self.changed.clear()
        self.copied.clear()

    # ---- Choices

    def some(self, random: Random, *, live: bool | None = None, again: bool = False) -> list[int]:
        """Return a piece of news with a file, if there is one; not one that was just changed."""
        found = [
            news
            for news, path in sorted(self.meant.items())
            if news >= 100
            and (again or news not in self.changed or not self.live(news))
            and (live is None or self.live(news) == live)
            and not self.files[path].is_broken
        ]
        recent = found[-4:]
        return random.sample(recent, 1) if recent else []

    def copies(self, random: Random) -> list[str]:
        """Return a copy, if there is one."""
        found = sorted(path for news in self.meant for path in self.others(news))
        return random.sample(found, 1) if found else []

    def free(self, stem: str, random: Random) -> str:
        """Return a name that no file has."""
        folder = random.choice(FOLDERS)
        return (
            f"{folder}{stem.lower().replace(' ', '-').replace('.', '')}-{next(self.numbers)}.toml"
        )

    def name_of_copy(self, path: str, random: Random) -> str:
        """Return the name of a copy; empty if there is such a file."""
        name = PurePosixPath(path)
        other = str(name.parent / random.choice(COPY_NAMES).format(stem=name.stem))
        return "" if other in self.files else other
