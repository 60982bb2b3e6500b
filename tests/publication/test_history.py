"""Whatever staff do, in any order, no news is lost, repeated, or visible too early."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from dateline.rules.guards import Approval
from support.chronicle import ZONE, Text, changed
from support.crashing import nursery
from support.newsdesk import NAMES, URLS, Desk
from support.onlooker import everything, public

EXAMPLES = int(os.environ.get("EXAMPLES", "0"))
NUMBERS = [EXAMPLES] if EXAMPLES else [pytest.param(4, marks=pytest.mark.long)]
SHORT = settings(
    stateful_step_count=30,
    derandomize=True,
    phases=[Phase.generate],  # shrinking a failure takes minutes
    suppress_health_check=list(HealthCheck),
)
LONG = settings(
    SHORT,
    derandomize=False,
    phases=[Phase.reuse, Phase.generate, Phase.shrink],
)
pick = st.integers(0, 99)
kills = st.integers(1, 24_000)  # instructions of a run that writes something
runs = st.sampled_from([True, True, True, False])


class History(Desk):
    """All actions of staff, of time and of accidents."""

    def teardown(self) -> None:
        """Lose the ledger once more, and clean up."""
        if self.report:
            self.run()
            self.poll()
            self.lose_ledger()
        super().teardown()

    # ---- Actions of staff

    @initialize(
        ages=st.lists(st.integers(0, 40), max_size=7),
        about=st.integers(0, 127),
    )
    def begin(self, *, ages: list[int], about: int) -> None:
        """Import several entries at once."""
        for place, age in enumerate(ages):
            self._drop(NAMES[place], age, is_about_lebanon=bool(about >> place & 1))
        self.run()

    @rule(
        name=st.sampled_from(NAMES),
        age=st.sampled_from([0, 0, 1, 3, 9, 20, 45, 365]),
        about=st.booleans(),
        picture=st.booleans(),
        draft=st.sampled_from([False, False, False, True]),
        run=runs,
    )
    def drop(
        self, *, name: str, age: int, about: bool, picture: bool, draft: bool, run: bool
    ) -> None:
        """Write a new file, possibly a draft; files without a run in between form a burst."""
        self._drop(name, age, is_about_lebanon=about, has_picture=picture, is_draft=draft)
        self._end(run=run)

    @rule(
        name=st.sampled_from(NAMES),
        hours=st.sampled_from([1, 20, 50]),
        bare=st.booleans(),
        picture=st.booleans(),
        run=runs,
    )
    def embargo(self, *, name: str, hours: int, bare: bool, picture: bool, run: bool) -> None:
        """Write a file with a future moment."""
        self._drop(
            name, 0, date=self._ahead(hours, bare=bare), has_picture=picture, is_about_lebanon=True
        )
        self._end(run=run)

    @rule(which=pick, run=runs)
    def edit(self, *, which: int, run: bool) -> None:
        """Change the text silently."""
        self._rewrite(which, run=run, body=lambda text: text.body + 1)

    @rule(which=pick, run=runs)
    def retitle(self, *, which: int, run: bool) -> None:
        """Change the title."""
        self._rewrite(which, run=run, title=lambda text: text.title + 1)

    @rule(which=pick, run=runs, how=st.sampled_from(["one", "one", "more", "none", "turned"]))
    def correct(self, *, which: int, run: bool, how: str) -> None:
        """Add, extend, remove or reorder corrections."""
        self.numbers += 1
        number = self.numbers

        def corrections(text: Text) -> tuple[int, ...]:
            ways = {"one": (number,), "more": (number, *text.correction), "none": ()}
            return ways.get(how, text.correction[::-1])

        self._rewrite(which, run=run, correction=corrections)

    @rule(which=pick, run=runs)
    def correct_year(self, *, which: int, run: bool) -> None:
        """Correct a slip in the year of a published or unpublished file."""
        day = self.now.astimezone(ZONE).date()
        slips = {(day - timedelta(days=back)).isoformat() for back in range(335, 396)}
        paths = [path for path in self._editable() if self.model.disk[path].date in slips]
        if path := self._one_of(paths, which):
            self._write(path, changed(self.model.disk[path], date=day.isoformat()))
            self._end(run=run)

    @rule(which=pick, run=runs)
    def retract(self, *, which: int, run: bool) -> None:
        """Retract an entry, or reverse its retraction."""
        self.numbers += 1
        self._rewrite(
            which, run=run, retraction=lambda text: 0 if text.retraction else self.numbers
        )

    @rule(which=pick, run=runs)
    def update(self, *, which: int, run: bool) -> None:
        """Set `updated`, so that readers notice the change."""
        self._rewrite(
            which,
            run=run,
            updated=lambda _: f"{self.now:%Y-%m-%dT%H:%M:%SZ}",
            body=lambda text: text.body + 1,
        )

    @rule(which=pick, run=runs)
    def move_between_feeds(self, *, which: int, run: bool) -> None:
        """Add an entry to the Lebanon feed, or remove it."""
        self._rewrite(which, run=run, is_about_lebanon=lambda text: not text.is_about_lebanon)

    @rule(which=pick, run=runs)
    def draft(self, *, which: int, run: bool) -> None:
        """Turn an entry into a draft, or publish a draft."""
        self._rewrite(which, run=run, is_draft=lambda text: not text.is_draft)

    @rule(which=pick, run=runs, hours=st.sampled_from([1, 30]))
    def postpone(self, *, which: int, run: bool, hours: int) -> None:
        """Set a future date, also for a live entry."""
        date = self._ahead(hours, bare=False)
        self._rewrite(which, run=run, date=lambda _: date)

    @rule(which=pick, run=runs, minutes=st.sampled_from([0, 5, 2000]))
    def expire(self, *, which: int, run: bool, minutes: int) -> None:
        """Set or remove the moment at which an entry leaves the feeds."""
        moment = f"{self.now + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}" if minutes else ""
        self._rewrite(which, run=run, expires=lambda _: moment)

    @rule(which=pick, run=runs)
    def break_file(self, *, which: int, run: bool) -> None:
        """Make a mistake in a file, or correct it."""
        self._rewrite(which, run=run, is_broken=lambda text: not text.is_broken)

    @rule(which=pick, name=st.sampled_from(NAMES), is_edited=st.booleans(), run=runs)
    def rename(self, *, which: int, name: str, is_edited: bool, run: bool) -> None:
        """Rename a file, possibly with another text."""
        path = self._one_of(self._movable(), which)
        if path is None or not self._is_free(name):
            return
        text = self.model.disk.pop(path)
        (self.folder / "entries" / path).rename(self.folder / "entries" / name)
        self._write(name, changed(text, body=text.body + 1) if is_edited else text)
        self._end(run=run)

    @rule(which=pick, age=st.sampled_from([-1, 0, 1, 9, 45]), same=st.booleans(), run=runs)
    def write_over(self, *, which: int, age: int, same: bool, run: bool) -> None:
        """Write other news into a published file, with the same date or another."""
        path = self._one_of([p for p in self._movable() if self._is_published_so(p)], which)
        if path is None:
            return
        day = (self.now.astimezone(ZONE) - timedelta(days=age)).date().isoformat()
        self._write_over(path, self.model.disk[path].date if same else day)
        self._end(run=run)

    @rule(which=pick, name=st.sampled_from(NAMES), is_named_so=st.booleans(), run=runs)
    def copy(self, *, which: int, name: str, is_named_so: bool, run: bool) -> None:
        """Copy a file, as the system names copies or under another name."""
        path = self._one_of(self._movable(), which)
        if path is None:
            return
        text = self.model.disk[path]
        name = path.replace(".toml", " (1).toml") if is_named_so else name
        if self._is_free(name):
            self._write(name, text)
            self._end(run=run)

    @rule(which=pick, run=runs)
    def delete(self, *, which: int, run: bool) -> None:
        """Delete a file."""
        path = self._one_of(self._untouched(), which)
        if path is not None:
            self._remove(path)
            self._end(run=run)

    @rule(which=pick, run=runs)
    def delete_all(self, *, which: int, run: bool) -> None:
        """Delete several files at once."""
        for path in self._untouched()[which % 3 :]:
            self._remove(path)
        self._end(run=run)

    @rule(which=pick, name=st.sampled_from(NAMES), is_elsewhere=st.booleans(), run=runs)
    def restore(self, *, which: int, name: str, is_elsewhere: bool, run: bool) -> None:
        """Restore a deleted file, in its place or under another name."""
        gone = [
            piece
            for piece in self.model.pieces.values()
            if not self.model.paths(piece.number)
            and piece.accepted
            and piece.number not in self.touched
        ]
        if gone:
            piece = gone[which % len(gone)]
            path = name if is_elsewhere or not piece.owner else piece.owner
            assert piece.accepted
            if self._is_free(path):
                self._write(path, piece.accepted)
        self._end(run=run)

    @rule(which=pick, other=pick, run=runs)
    def exchange(self, *, which: int, other: int, run: bool) -> None:
        """Exchange the names of two files, as when files are renumbered."""
        paths = [path for path in self._movable() if self._is_published_so(path)]
        if len(paths) < 2 or which % len(paths) == other % len(paths):
            return
        one, two = paths[which % len(paths)], paths[other % len(paths)]
        texts = self.model.disk[one], self.model.disk[two]
        self._write(one, texts[1])
        self._write(two, texts[0])
        self._end(run=run)

    @rule(which=pick, is_deleted=st.booleans(), killed=st.just(0) | kills)
    def take_down(self, *, which: int, is_deleted: bool, killed: int) -> None:
        """Take an entry down, with or without deleting its files."""
        pieces = [piece for piece in self.model.pieces.values() if piece.accepted]
        if not pieces:
            return
        self.run()
        piece = pieces[which % len(pieces)]
        if is_deleted:
            for path in self.model.paths(piece.number):
                self._remove(path)
        self._forget(piece)
        self.run(takedown=piece.id, killed=killed)

    @rule(which=pick, at=kills)
    def crash(self, *, which: int, at: int) -> None:
        """Kill the publisher while it publishes, and start it again."""
        self._rewrite(which, run=False, title=lambda text: text.title + 1)
        self.run(killed=at)

    @rule(which=pick, keep=st.booleans())
    def answer(self, *, which: int, keep: bool) -> None:
        """Answer a guard after a run; an overwritten file contains other news."""
        self.run()
        assert self.report
        asked = {
            str(problem.wanted): problem
            for problem in self.report.problems
            if problem.code in {"many-gone", "old-gone", "feed-emptied", "other-news"}
        }
        if asked:
            code, problem = sorted(asked.items())[which % len(asked)]
            keep = keep and problem.code != "other-news"
            asked_of = self._asked(code, problem.code, problem.file)
            self.run(answer=Approval(code=code, keep=keep), asked=asked_of)

    @rule(seconds=st.sampled_from([30, 240, 660, 4000, 100_000, 700_000, 2_700_000]))
    def wait(self, *, seconds: int) -> None:
        """Let time pass; nothing happens before the moment that the last run announced."""
        self.run()
        assert self.report
        self.now += timedelta(seconds=seconds)
        is_due = self.report.next and self.report.next <= self.now + timedelta(seconds=1)
        before = everything(self.folder / "feeds")
        self.run(after=0)
        assert is_due or everything(self.folder / "feeds") == before, "changed before its moment"

    @rule(seconds=st.sampled_from([1, 59, 61, 600, 5000]), run=runs)
    def set_clock_back(self, *, seconds: int, run: bool) -> None:
        """Set the machine's clock back."""
        self.now -= timedelta(seconds=seconds)
        self._end(run=run)

    @rule()
    def poll_again(self) -> None:
        """Run the publisher although nothing is new."""
        self.run()
        self.poll()

    @rule()
    def lose_ledger(self) -> None:
        """Delete `state/`; every byte and every time of change stays the same."""
        self.run()
        before = public(self.folder / "feeds")
        shutil.rmtree(self.folder / "state")
        for piece in self.model.pieces.values():
            piece.gone = None
        self.run(after=0)
        self._compare(before)

    @rule()
    def back_up(self) -> None:
        """Copy `state/`."""
        self.run()
        shutil.rmtree(self.folder / "backup", ignore_errors=True)
        shutil.copytree(self.folder / "state", self.folder / "backup")
        self.backup = {n: piece.gone for n, piece in self.model.pieces.items()}
        self.backed_up_at = self._generation()
        self.backed_up = self.model.written_over

    @rule()
    def bring_back(self) -> None:
        """Replace `state/` by an old copy; this changes nothing either."""
        if self.backup is None:
            return
        self.run()
        before = public(self.folder / "feeds")
        is_newest = self.backed_up_at == self._generation()
        shutil.rmtree(self.folder / "state")
        shutil.copytree(self.folder / "backup", self.folder / "state")
        for piece in self.model.pieces.values():
            piece.gone = self.backup.get(piece.number) if is_newest else None
        self.model.written_over = self.backed_up
        self.run(after=0)
        self._compare(before)

    @rule(run=runs)
    def move_site(self, *, run: bool) -> None:
        """Change the site's address, or restore the first one."""
        self.url = URLS[self.url == URLS[0]]
        self._configure()
        self._end(run=run)


@pytest.mark.parametrize("examples", NUMBERS)
def test_history(examples: int) -> None:
    """The promises hold after any thirty actions of staff, of time and of accidents."""
    chosen = settings(LONG if EXAMPLES else SHORT, max_examples=examples)
    with nursery() as History.nursery:
        run_state_machine_as_test(History, settings=chosen)
