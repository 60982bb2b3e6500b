"""The model of a newsroom: what readers must have, may have, and must never have.

It knows what staff did to their files, and the clock; it never asks Dateline. Each version of a
text has marks, words that stand nowhere else, so that whatever shows one shows that version. Where
the rules leave a choice, as for a file that vanished while the disk failed, either is right, and
the model takes over what it then sees (`Model.learn`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from trials.texts import ZONE, Seen, Text, moment, today

GRACE = 600.0  # seconds in which a deleted file may come back
_AHEAD = 540.0  # seconds that a date may be ahead of a right clock
OLD = 30 * 86400.0  # seconds after which a deleted file is a question
_MARGIN = 3.0  # seconds that a decision may take
_NOT_LATE = 8 * 86400.0  # seconds: what is older keeps its day
_BURST = 30.0  # seconds in which entries follow one another
_MANY = 5
_PART = 5


class Fate(Enum):
    """Whether readers must have an entry."""

    LIVE = "live"
    ABSENT = "absent"
    EITHER = "either"


@dataclass(slots=True, kw_only=True)
class Piece:
    """One piece of news: the `text` of its file, and what readers have (`shown`).

    `marks` are those of every text that its file ever had, and `begun` is when it had the first.
    It was last `seen` in the feeds at a moment, and `left` them at another. If its
    `is_version_open`, another text has the same marks.
    `between` are the texts that may have been published since it last settled. A file that vanished
    did so at `gone`, and that was noticed by `noticed` at the latest; if its entry may have been
    withdrawn meanwhile, it `is_back`. What is `uncertain` may be published or not. `told` says that
    `updated` may move. Of one that is `unknown`, no record is left but its page, and one that is
    `forgotten` may come again as a new entry.
    """

    number: int
    path: str
    text: Text | None = None
    shown: Text | None = None
    marks: set[str] = field(default_factory=set)
    begun: float = 0
    left: float | None = None
    seen: float = 0
    is_version_open: bool = False
    between: list[Text] = field(default_factory=list)
    first: Seen | None = None
    updated: float = 0
    gone: float | None = None
    noticed: float | None = None
    is_withdrawn: bool = False
    is_purged: bool = False
    is_kept: bool = False
    is_uncertain: bool = False
    is_told: bool = False
    is_unknown: bool = False
    is_forgotten: bool = False
    is_back: bool = False

    @property
    def is_live(self) -> bool:
        """Return whether readers have it, as far as is known."""
        return self.shown is not None and not self.is_withdrawn and not self.is_purged

    @property
    def versions(self) -> list[Text]:
        """Return which texts readers may have while its file has none for them."""
        shown = [self.shown] if self.shown and self.is_live else []
        return [*shown, *(one for one in self.between if one not in shown)]


@dataclass(slots=True)
class Model:
    """All news of a trial; `latest` is the latest moment that the clock has shown.

    `public` are the marks that readers may see, and `opened` the numbers of their news. `pictures`
    have the number of the news of each picture by its digest (SHA-256).
    `was_guarded` says whether many files were gone when it last settled, and `guarded` is the last
    moment at which they were: until then, no time to come back begins. `is_lost` says whether what
    was published has still to be found in public documents alone. Of each of the `tombstones` in
    these, the moment is between two others.
    """

    pieces: dict[int, Piece] = field(default_factory=dict)
    latest: float = 0
    public: set[str] = field(default_factory=set)
    opened: set[int] = field(default_factory=set)
    pictures: dict[str, int] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)
    was_guarded: bool = False
    guarded: float = 0
    is_lost: bool = False
    tombstones: list[tuple[float, float]] = field(default_factory=list)

    # ---- What staff do

    def write(self, piece: Piece, text: Text | None) -> None:
        """Note that a file has this text, or is gone."""
        before = piece.text
        piece.is_back = self._may_be_withdrawn(piece)
        piece.text = text
        if before and self._is_out(before):
            piece.between.append(before)
        if text is None:
            return
        piece.marks |= text.marks()
        piece.begun = piece.begun or self.latest
        piece.gone = piece.noticed = None
        piece.is_kept = False
        stays = before == text or not self._is_out(text)
        piece.is_uncertain = self.is_lost or (piece.is_uncertain and stays)
        known = piece.shown
        if known and (text.corrections, text.retraction) != (known.corrections, known.retraction):
            piece.is_told = True
        self._open(text)

    def forget(self, piece: Piece) -> None:
        """Note that a piece of news was taken down, and its file deleted."""
        self.purged |= piece.marks
        piece.text, piece.is_purged = None, True

    def close_purged(self) -> None:
        """Note that from now on no answer may have anything of what was taken down."""
        self.public -= self.purged
        self.opened -= {piece.number for piece in self.pieces.values() if piece.is_purged}

    def tick(self, now: float) -> None:
        """Note the time: embargoes that have passed are public, whatever the clock says later."""
        self.latest = max(self.latest, now)
        for piece in self.pieces.values():
            if piece.text:
                self._open(piece.text)
            # What a clock that was ahead recorded counts from now.
            piece.gone = None if piece.gone is None else min(piece.gone, now)
            piece.noticed = None if piece.noticed is None else min(piece.noticed, now)
        self.guarded = min(self.guarded, now) if self.is_guarded() is False else now

    def lose_times(self) -> None:
        """Note that nobody knows any more since when files are gone."""
        for piece in self.pieces.values():
            piece.noticed = None

    def lose_all(self) -> None:
        """Note that only public documents are left to tell what was published.

        What fits none of them is held until its file changes, and entries without a file stay.
        Of what was withdrawn, they have the id alone, which is not enough to recognise its file.
        """
        for piece in self.pieces.values():
            if self._may_be_withdrawn(piece):
                piece.is_forgotten = True
                self._bury(piece)
            piece.is_uncertain = piece.is_unknown = True
        self.lose_times()
        self.is_lost = True

    def _bury(self, piece: Piece) -> None:
        """Note that a tombstone may be all that is known of an entry."""
        if piece.first:
            ends = self.latest if piece.left is None else piece.left
            self.tombstones.append((piece.seen, ends))

    def _may_be_withdrawn(self, piece: Piece) -> bool:
        """Return whether an entry is gone, or may have gone since it last settled."""
        if not piece.is_live or piece.is_back:
            return True
        is_over = piece.gone is not None and self.latest >= piece.gone + GRACE
        return piece.text is None and (is_over or piece.is_uncertain)

    def answer(self) -> None:
        """Note that staff answered for all files that are gone, one way or the other.

        Which run sees the answer is open, so is what becomes of them.
        """
        for piece in self.pieces.values():
            if piece.is_live and piece.text is None and not piece.is_kept:
                piece.is_uncertain = True

    def live(self) -> list[Piece]:
        """Return the news that readers have."""
        return [piece for piece in self.pieces.values() if piece.is_live]

    def _open(self, text: Text) -> None:
        if self._is_out(text):
            self.publish(text)

    def _is_out(self, text: Text) -> bool:
        """Return whether a text is for readers by now."""
        return not text.is_broken and not text.is_draft and text.due <= self.latest

    def publish(self, text: Text) -> None:
        """Note that a text may be seen from now on."""
        self.public |= text.marks()
        self.opened.add(text.news)

    def is_behind(self, now: float) -> bool:
        """Return whether a clock is behind the date of live news, as one that was set back is."""
        return any(_is_ahead(piece, now) for piece in self.live())

    # ---- What must be true

    def hides(self, digest: str) -> bool:
        """Return whether the file with a digest is the picture of news that is not for readers."""
        return digest in self.pictures and self.pictures[digest] not in self.opened

    def may_be_seen(self, mark: str) -> bool:
        """Return whether a mark was ever for readers."""
        return mark in self.public

    def fates(self, now: float) -> Iterator[tuple[Piece, Fate, list[Text]]]:
        """Yield for each piece of news whether readers must have it, and with which of some texts.

        There are none if any text is right.
        """
        is_guarded = self.is_guarded()
        for piece in self.pieces.values():
            yield piece, *self._fate(piece, now, is_guarded=is_guarded)

    def _fate(
        self, piece: Piece, now: float, *, is_guarded: bool | None
    ) -> tuple[Fate, list[Text]]:
        text, versions = piece.text, piece.versions
        if piece.is_purged or piece.is_uncertain:
            return (Fate.ABSENT if piece.is_purged else Fate.EITHER), []
        if text is None:
            return self._gone(piece, now, is_guarded=is_guarded)
        if now < text.due <= self.latest:
            return Fate.EITHER, []
        if text.is_broken or text.is_draft or text.due > now:
            if piece.is_live:
                return Fate.LIVE, versions
            return (Fate.EITHER if versions else Fate.ABSENT), versions
        return Fate.LIVE, [text]

    def _gone(
        self, piece: Piece, now: float, *, is_guarded: bool | None
    ) -> tuple[Fate, list[Text]]:
        if not piece.is_live:
            return Fate.ABSENT, []
        if piece.is_kept or piece.gone is None or piece.first is None:
            return Fate.LIVE, piece.versions
        age = piece.gone - piece.first.published
        if age > OLD + GRACE or self.latest < piece.gone + GRACE:
            return Fate.LIVE, piece.versions
        begun = max(piece.noticed or 0, self.guarded)
        has_ended = piece.noticed is not None and now >= begun + GRACE + _MARGIN
        is_over = has_ended and not _is_ahead(piece, now)
        is_recent = begun - piece.first.published < OLD - GRACE
        if is_over and is_recent and is_guarded is False:
            return Fate.ABSENT, []
        if is_guarded and self._was_guarded():
            return Fate.LIVE, piece.versions
        return Fate.EITHER, []

    def _was_guarded(self) -> bool:
        """Return whether the files that are gone were already held when it last settled."""
        missing = [one for one in self.live() if one.text is None and not one.is_kept]
        # What is new since then may be published first, and fewer are gone of more.
        is_more = any(one.text and self._is_out(one.text) for one in self._absent())
        return self.was_guarded and not is_more and all(one.noticed is not None for one in missing)

    def _absent(self) -> list[Piece]:
        return [piece for piece in self.pieces.values() if not piece.is_live]

    def is_guarded(self) -> bool | None:
        """Return whether so many files are gone that nothing is withdrawn.

        None where that is unknown: a file that could not be read when all was lost may be that of
        no entry.
        """
        live = [one for one in self.pieces.values() if one.is_live and not one.is_kept]
        sure = [one for one in live if one.text is None or not one.is_uncertain]
        return _are_many(live) if _are_many(live) == _are_many(sure) else None

    def differences(self, seen: Mapping[int, Seen], now: float) -> list[str]:
        """Return what readers have and must not have, or the other way round."""
        return [
            sentence
            for piece, fate, texts in self.fates(now)
            if (sentence := _difference(piece, fate, texts, seen.get(piece.number)))
        ]

    def learn(self, seen: Mapping[int, Seen], now: float) -> Iterator[str]:
        """Take over what readers have; yield what of it has changed and never may."""
        fates = list(self.fates(now))
        known = [piece.first for piece in self.pieces.values() if piece.first]
        moments = {one.published for one in (*known, *seen.values())}
        for piece, fate, texts in fates:
            found = seen.get(piece.number)
            known_texts = [piece.text, piece.shown, *piece.between]
            candidates = texts or [one for one in known_texts if one and self._is_out(one)]
            piece.between, piece.is_back = [], False
            if found is None:
                is_gone = piece.first is not None and piece.left is None
                piece.left = self.latest if is_gone else piece.left
                piece.is_withdrawn = piece.shown is not None
                continue
            if piece.is_forgotten:
                piece.first, piece.updated, piece.is_forgotten = None, 0, False
            yield from _misdated(piece, found, moments, self.tombstones)
            yield from _changes(piece, found)
            piece.is_withdrawn, piece.left, piece.seen = False, None, now
            if fate is Fate.LIVE and len(texts) == 1:
                piece.is_version_open = piece.is_version_open and texts != [piece.text]
                piece.shown = texts[0]
            elif versions := [one for one in candidates if one.wanted() == found.marks]:
                piece.is_version_open = any(one != versions[0] for one in versions)
                piece.shown = versions[0]
        is_guarded = self.is_guarded()
        for piece in self.pieces.values():
            if piece.text is not None or piece.gone is None:
                continue
            if not _is_ahead(piece, now):
                piece.noticed = piece.noticed or now
            elif is_guarded is not False:
                piece.noticed = None  # its time begins again once the clock is right
        self.was_guarded = is_guarded is True
        self.guarded = self.guarded if is_guarded is False else now
        self.is_lost = False


def _are_many(live: Sequence[Piece]) -> bool:
    gone = [one for one in live if one.text is None]
    return 0 < len(live) == len(gone) or (len(gone) > _MANY and len(gone) * _PART > len(live))


def _is_ahead(piece: Piece, now: float) -> bool:
    """Return whether the date that readers have is ahead of the clock."""
    return piece.first is not None and piece.first.published > now + _AHEAD


def _difference(piece: Piece, fate: Fate, texts: list[Text], found: Seen | None) -> str:
    if fate is Fate.ABSENT and found:
        return f"news {piece.number} is shown"
    if fate is Fate.LIVE and found is None:
        return f"news {piece.number} is missing"
    if found is None or not texts or any(one.wanted() == found.marks for one in texts):
        return ""
    if missing := texts[0].wanted() - found.marks:
        return f"news {piece.number} lacks {', '.join(sorted(missing))}"
    left = found.marks - texts[0].wanted()
    return f"news {piece.number} still has {', '.join(sorted(left))}"


def _misdated(
    piece: Piece,
    found: Seen,
    moments: Collection[float],
    tombstones: Collection[tuple[float, float]],
) -> Iterator[str]:
    """Yield that an entry that is new to readers has a moment that staff did not mean.

    It is the end of the embargo, or on the day in the file; or, as aggregators skip what is older
    than what they know, just after that of another entry, or of a tombstone if that is all that is
    known of one. That is not for news of long ago.
    """
    text = piece.text or piece.shown
    if piece.first or text is None:
        return
    day = datetime.fromisoformat(text.date[:10]).replace(tzinfo=ZONE).timestamp()
    stated = text.due or day
    is_stated = found.published == stated
    if not text.due:
        is_stated = today(found.published) == text.date
    is_next = any(0 < found.published - other <= _BURST for other in moments)
    is_next |= any(begun < found.published <= ended + _BURST for begun, ended in tombstones)
    may_move = stated > piece.begun - _NOT_LATE and found.published > stated
    if not is_stated and not (is_next and may_move):
        moment_ = moment(found.published)
        yield f"news {piece.number} of {text.date} was published as of {moment_}"


def _changes(piece: Piece, found: Seen) -> Iterator[str]:
    """Yield what differs from how an entry was first seen."""
    first = piece.first = piece.first or found
    for name in ("id", "address", "published"):
        before, now = getattr(first, name), getattr(found, name)
        if before != now:
            yield f"the {name} of news {piece.number} was {before} and is {now}"
    if found.updated < piece.updated:
        yield f"the update of news {piece.number} went back by {piece.updated - found.updated} s"
    if piece.updated and found.updated > piece.updated and not piece.is_told:
        yield f"news {piece.number} is updated, and nobody said so"
    if found.updated > piece.updated:
        piece.updated, piece.is_told = found.updated, False
