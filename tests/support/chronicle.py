"""Model of the news: what must be published, whatever happens to the files.

It knows the actions of staff, and derives which news must be live, from which file, and since when
a file is missing. Every text contains unique marks, so a leaked mark identifies its news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateline.rules.guards import too_many_gone

ZONE = ZoneInfo("Europe/Vienna")
GRACE = timedelta(minutes=10)
OLD = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Content of one file; its numbers become words that no other text has."""

    news: int
    title: int
    body: int
    date: str
    correction: tuple[int, ...] = ()
    retraction: int = 0
    updated: str = ""
    expires: str = ""
    is_about_lebanon: bool = False
    is_draft: bool = False
    is_broken: bool = False
    has_picture: bool = False

    def toml(self) -> str:
        """Return the file's text."""
        if self.is_broken:
            return f"title = {self._mark('t', self.title)} is broken\n"
        lines = {
            "title": f'"{self._mark("t", self.title)} {words(self.news, 2)}"',
            "date": self.date,
            "correction": self._corrections(),
            "status": self.retraction and '"retracted"',
            "retraction": self.retraction and f'"{self._mark("r", self.retraction)}"',
            "updated": self.updated,
            "expires": self.expires,
            "categories": self.is_about_lebanon and '["Lebanon"]',
            "event": self.is_about_lebanon and "2026-12-24",
            "draft": self.is_draft and "true",
            "image": self.has_picture and f'"{picture_name(self.news)}"',
            "image_alt": self.has_picture and f'"{self._mark("a", 1)}"',
            "body": f'"""\n{self._mark("b", self.body)} {words(self.news, 9)}\n"""',
        }
        return "".join(f"{name} = {value}\n" for name, value in lines.items() if value)

    def said(self) -> set[str]:
        """Return the marks of this text that readers see."""
        shown = {"t": self.title, "r": self.retraction}
        if not self.retraction:
            shown |= {"b": self.body, "a": int(self.has_picture)}
        marks = {self._mark(kind, number) for kind, number in shown.items() if number}
        return marks | self.corrected()

    def corrected(self) -> set[str]:
        """Return the marks of its corrections."""
        return {self._mark("c", number) for number in self.correction}

    def _corrections(self) -> str:
        marks = [f'"{self._mark("c", number)}"' for number in self.correction]
        return f"[{', '.join(marks)}]" if len(marks) > 1 else "".join(marks)

    def body_mark(self) -> str:
        """Return the mark of the body, or of the text that replaces it."""
        return self._mark("r", self.retraction) if self.retraction else self._mark("b", self.body)

    def is_like(self, other: Text | None) -> bool:
        """Return whether a renamed file with this text is recognised by its title and date."""
        return other is not None and (self.title, self.date) == (other.title, other.date)

    def is_held(self, now: datetime) -> bool:
        """Return whether it is held because of its own content."""
        start = _moment(self.date, time.min)
        ends = [datetime.fromisoformat(end) for end in (self.updated, self.expires) if end]
        is_ahead = bool(self.updated) and ends[0].date() > now.date()
        return self.is_broken or is_ahead or any(end < start for end in ends)

    def _mark(self, kind: str, number: int) -> str:
        return f"zq{kind}{self.news}w{number}z"


def words(number: int, count: int) -> str:
    """Return words that survive edits and that no other news has."""
    name = f"{'aeiou'[number % 5]}{'bdfglmnprstvz'[number // 5 % 13]}{'aeiou'[number // 65 % 5]}"
    endings = ("kabo", "kelu", "kiro", "komi", "kuna", "kafe", "kesi", "kidu", "kote")
    return " ".join(f"{name}{ending}" for ending in endings[:count])


def picture_name(number: int) -> str:
    """Return the name of the picture file of one piece of news."""
    return f"zqpicture{number}.png"


@dataclass(slots=True, kw_only=True)
class Piece:
    """One piece of news: readers have `accepted`, from the file at the path `owner`."""

    number: int
    accepted: Text | None = None
    owner: str = ""
    is_withdrawn: bool = False
    is_purged: bool = False
    is_kept: bool = False
    gone: datetime | None = None
    corrected: datetime | None = None
    said: set[str] = field(default_factory=set)
    # Corrections that readers saw; they never change.
    id: str = ""
    published: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Return whether readers have it."""
        return self.accepted is not None and not self.is_withdrawn and not self.is_purged


@dataclass(slots=True, kw_only=True)
class Settled:
    """What a run has to do: which news appear, and which may or must move `updated`."""

    arrived: set[int] = field(default_factory=set)
    may_move: set[int] = field(default_factory=set)
    must_move: set[int] = field(default_factory=set)
    withdrawn: set[int] = field(default_factory=set)
    is_guarded: bool = False


@dataclass(slots=True)
class Chronicle:
    """All news, the files on disk, and the members of the Lebanon feed.

    The files `written_over` contained other news at the last run, and were held for it.
    """

    pieces: dict[int, Piece] = field(default_factory=dict)
    disk: dict[str, Text] = field(default_factory=dict)
    enrolled: set[int] = field(default_factory=set)
    written_over: set[str] = field(default_factory=set)
    is_held: bool = False
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def paths(self, number: int) -> list[str]:
        """Return the paths of all files of one piece of news, sorted by name."""
        return sorted(path for path, text in self.disk.items() if text.news == number)

    def owner_of(self, path: str) -> Piece | None:
        """Return the news that was published from the file at this path."""
        return next((piece for piece in self.pieces.values() if piece.owner == path), None)

    def live(self) -> list[Piece]:
        """Return the news that readers have."""
        return [piece for piece in self.pieces.values() if piece.is_live]

    def is_stuck(self, path: str) -> bool:
        """Return whether other news owns the name of this file, so that it is held."""
        piece = self.owner_of(path)
        if piece is None or piece.number == self.disk[path].news:
            return False
        return piece.is_purged or (piece.is_live and self._goes_on(piece) == "")

    def is_copy(self, path: str) -> bool:
        """Return whether a file is named as a copy of an existing file."""
        original = self.disk.get(path.replace(" (1).toml", ".toml"))
        return "(1)" in path and original is not None and original.news == self.disk[path].news

    # ---- One run

    def settle(self, now: datetime, answer: tuple[str, bool] = ("", False)) -> Settled:
        """Apply a run at `now` to the model; `answer` is a code of a guard, and whether to keep."""
        settled = Settled()
        self.now = now
        self._leave(answer[0])
        for piece in self.live():
            is_there = piece.owner in self.disk
            piece.gone = None if is_there else min(piece.gone or now, now)
        known = [piece for piece in self.pieces.values() if piece.accepted and not piece.is_purged]
        moved = [(piece, self._goes_on(piece)) for piece in known]
        new = [found for found in map(self._first, self._unborn()) if found]
        for piece, path in moved:
            if path and self._may_go(path, now):
                self._accept(piece, path, now, settled)
        for path in new:
            if self._may_go(path, now):
                piece = self.pieces[self.disk[path].news]
                settled.arrived.add(piece.number)
                self._accept(piece, path, now, settled)
        self._withdraw(now, answer, settled)
        self._enrol(answer)
        self.written_over = {*filter(self._is_written_over, self.disk)}
        return settled

    def _leave(self, answer: str) -> None:
        """Keep the news of overwritten files that are gone or were declared other news."""
        for path in self.written_over:
            piece = self.owner_of(path)
            is_answered = answer == f"over {path}"
            if piece and piece.is_live and (path not in self.disk or is_answered):
                piece.is_kept = True
                piece.owner = "" if is_answered else path

    def _is_written_over(self, path: str) -> bool:
        piece = self.owner_of(path)
        is_itself_held = self.disk[path].is_held(self.now) or self.is_copy(path)
        return piece is not None and piece.is_live and self.is_stuck(path) and not is_itself_held

    def _goes_on(self, piece: Piece) -> str:
        """Return the only file that now contains the news; empty if there are none or several."""
        at_home = self.disk.get(piece.owner)
        if at_home and at_home.is_held(self.now):  # an unreadable file may contain it
            return ""
        if at_home and at_home.news == piece.number:
            return piece.owner
        paths = [path for path in self.paths(piece.number) if not self.is_copy(path)]
        found = [path for path in paths if not self.disk[path].is_held(self.now)]
        return found[0] if len(found) == 1 else ""

    def _unborn(self) -> Iterator[int]:
        yield from (n for n, piece in self.pieces.items() if not piece.accepted)

    def _first(self, number: int) -> str:
        """Return the file of unpublished news that counts, since a copy has the longer name."""
        good = [
            path
            for path in self.paths(number)
            if not (self.disk[path].is_held(self.now) or self.is_stuck(path) or self.is_copy(path))
        ]
        return min(good, key=lambda path: (self.owner_of(path) is None, len(path)), default="")

    def _may_go(self, path: str, now: datetime) -> bool:
        text = self.disk[path]
        return not text.is_draft and stated(text.date, now) <= now

    def _accept(self, piece: Piece, path: str, now: datetime, settled: Settled) -> None:
        text, before = self.disk[path], piece.accepted
        other = self.owner_of(path)
        if other and other is not piece:
            other.owner = ""
            other.gone = now if other.is_live else None
        if before:
            self._notice(piece, text, before, settled)
        if text.corrected() - piece.said:
            piece.corrected = now
        piece.accepted, piece.owner, piece.gone = text, path, None
        piece.is_withdrawn = piece.is_kept = False
        piece.said |= text.said()

    def _notice(self, piece: Piece, text: Text, before: Text, settled: Settled) -> None:
        is_told = text.corrected() - piece.said or text.retraction != before.retraction
        if is_told:
            settled.must_move.add(piece.number)
        if is_told or (text.updated and text.updated != before.updated):
            settled.may_move.add(piece.number)

    # ---- Withdrawals

    def _withdraw(self, now: datetime, answer: tuple[str, bool], settled: Settled) -> None:
        missing = [piece for piece in self.live() if piece.gone and not piece.is_kept]
        with_files = [piece for piece in self.live() if not piece.is_kept]
        waits, keep = answer
        if too_many_gone(len(missing), len(with_files)):
            settled.is_guarded = True
            if waits == "many-gone":
                settled.is_guarded = False
                for piece in missing:
                    self._let_go(piece, settled, keep=keep)
                return
            for piece in missing:  # their time begins when no guard holds them any more
                assert piece.gone
                assert piece.published
                if piece.gone - piece.published <= OLD:
                    piece.gone = max(piece.published + OLD, now)
            return
        for piece in missing:
            assert piece.gone
            assert piece.published
            if waits == piece.id:
                self._let_go(piece, settled, keep=keep)
            elif piece.gone - piece.published <= OLD and piece.gone + GRACE <= now:
                self._let_go(piece, settled, keep=False)

    def _let_go(self, piece: Piece, settled: Settled, *, keep: bool) -> None:
        piece.is_kept = keep
        if not keep:
            piece.is_withdrawn, piece.gone = True, None
            settled.withdrawn.add(piece.number)

    def _enrol(self, answer: tuple[str, bool]) -> None:
        """Keep the members of the Lebanon feed; only an approval removes the last ones."""
        live = {piece.number: piece.accepted for piece in self.live()}
        belonging = {number for number, text in live.items() if text and text.is_about_lebanon}
        there = self.enrolled & live.keys()
        leaving, joining = there - belonging, belonging - there
        self.is_held = bool(leaving) and not joining and leaving == there
        if self.is_held and answer[0] == "feed-emptied":
            self.is_held = False
        if not self.is_held:
            self.enrolled = (self.enrolled - leaving) | joining


def stated(written: str, now: datetime) -> datetime:
    """Return the moment that a date means: today is now, a later day its first minute."""
    today = f"{now.astimezone(ZONE):%Y-%m-%d}"
    return now if written == today else _moment(written, time(12) if written < today else time.min)


def _moment(written: str, of_day: time) -> datetime:
    if "T" in written:
        return datetime.fromisoformat(written)
    return datetime.combine(date.fromisoformat(written), of_day, ZONE).astimezone(UTC)


def changed(text: Text, **values: object) -> Text:
    """Return a text with other values."""
    return replace(text, **values)  # type: ignore[arg-type]  # by names of its own
