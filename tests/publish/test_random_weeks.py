"""Random weeks of an office with drafts, embargoes, copies and backups: nothing wrong goes out.

`tests/publication/test_staff_acts.py` does anything to files, and judges what any file may lead to;
here the office knows which file it means and since when, so that also moments, former versions and
copies are judged. A week with something wrong is printed as short as possible. What is not judged
is in `support.office.EXCUSES`.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest

from dateline.rules.guards import NOTHING, Approval
from support.crashing import MEMORY
from support.office import Office
from support.office_acts import act
from support.office_answers import follow
from support.office_judge import GRACE, Judge, WrongNewsError
from support.office_texts import Text, sentence
from support.publication import PUBLICATION, Newsroom

EXAMPLES = int(os.environ.get("EXAMPLES", "0"))
FIRST = int(os.environ.get("FIRST", "0"))
# Faults that are known: they are printed by `FIRST=86 EXAMPLES=1`, and are to pass one day.
KNOWN = {
    86: "two files that wait are exchanged and one is edited: its copy comes out as well",
    92: "`copy-alone` names a page, which no file can be renamed to",
}
_SHORT = range(2)
_ACTS = 14
_BACKGROUND = 8
_MOST_ANSWERS = 40
_WAITS = [timedelta(minutes=minutes) for minutes in (1, 1, 1, 5, 11, 90, 300, 1500)]


@dataclass(frozen=True, slots=True)
class Step:
    """One act, answer, takedown, or run; it is made from its own number."""

    kind: str
    number: int


def week(number: int) -> list[Step]:
    """Return a random sequence of steps; several acts may be between two runs."""
    random = Random(f"week {number}")  # noqa: S311
    steps = []
    for _ in range(_ACTS):
        steps.append(Step("act", random.randrange(10**6)))
        if random.random() < 0.7:
            steps.append(Step("run", random.randrange(10**6)))
        if random.random() < 0.15:
            steps.append(Step("answer", random.randrange(10**6)))
        if random.random() < 0.02:
            steps.append(Step("take down", random.randrange(10**6)))
    return steps


@dataclass(slots=True, kw_only=True)
class Played:
    """What was done in a week, and what was asked."""

    said: list[str]
    asked: Counter[str]
    runs: int = 0
    acts: int = 0


def play(steps: Sequence[Step], before: Newsroom) -> tuple[WrongNewsError | None, Played]:
    """Return what is wrong after some steps, if anything, and what was done."""
    folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    office = Office(newsroom=Newsroom(folder).begin_as(before))
    judge = Judge(office=office)
    done = Played(said=[], asked=judge.asked)
    try:
        _play(steps, judge, done)
    except WrongNewsError as error:
        return error, done
    finally:
        shutil.rmtree(folder)
    return None, done


def _play(steps: Sequence[Step], judge: Judge, done: Played) -> None:
    office = judge.office
    for number in range(_BACKGROUND):
        text = _background(number)
        office.files[f"other-{number}.toml"] = text
        office.meant[number] = f"other-{number}.toml"
        office.shown[number] = text.said()
    judge.check(office.newsroom.log[-1])
    for step in steps:
        random = Random(step.number)  # noqa: S311
        if step.kind == "act":
            said = act(office, random)
            done.acts += bool(said)
            done.said.append(said)
        elif step.kind == "run":
            _run(judge, done, random.choice(_WAITS))
        elif step.kind == "answer":
            _run(judge, done)
            _answer(judge, done, random)
        else:
            _take_down(judge, done, random)
    done.said.append("now everything is answered")
    _run(judge, done)
    random = Random(len(steps))  # noqa: S311
    for _ in range(_MOST_ANSWERS):
        if not _answer(judge, done, random):
            break
    for wait in (2 * GRACE, timedelta(days=3), 2 * GRACE):
        _run(judge, done, wait)
        for _ in range(5):
            _answer(judge, done, random)
    judge.check_end(office.newsroom.log[-1])


def _run(
    judge: Judge,
    done: Played,
    after: timedelta = timedelta(minutes=1),
    approval: Approval = NOTHING,
    takedown: str = "",
) -> None:
    done.said.append(f"run after {after}")
    done.runs += 1
    office = judge.office
    try:
        report = office.newsroom.build(after=after, approval=approval, takedown=takedown)
    except Exception as error:
        raise WrongNewsError("crash", repr(error)) from error
    done.said.extend(f"    {one.code}: {one.file} ({one.found})" for one in report.problems)
    judge.check(report)
    office.begin_run()


def _answer(judge: Judge, done: Played, random: Random) -> bool:
    """Follow a message if there is one, and run again."""
    said, approval = follow(judge, judge.office.newsroom.log[-1], random)
    if said:
        done.said.append(f"answer {said}")
        _run(judge, done, approval=approval)
    return bool(said)


def _take_down(judge: Judge, done: Played, random: Random) -> None:
    """Take down some news for good, and delete its file, but not the copies."""
    office = judge.office
    for news in office.some(random, live=True):
        done.said.append(f"take down n{news}: {office.meant[news]}")
        office.remove(office.meant.pop(news))
        office.bin = [(path, text) for path, text in office.bin if text.news != news]
        office.taken.add(news)
        _run(judge, done, takedown=judge.ids[news])


def shortest(steps: Sequence[Step], kind: str, before: Newsroom) -> list[Step]:
    """Return fewer steps that do the same wrong, of which none can be left out."""
    steps = [*steps]
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, -1, -size):
            fewer = steps[:start] + steps[start + size :]
            error, _ = play(fewer, before)
            if error and error.kind == kind:
                steps = fewer
        size //= 2
    return steps


def _background(number: int) -> Text:
    random = Random(f"background {number}")  # noqa: S311
    return Text(
        news=number,
        version=number,
        title=sentence(random, 4),
        date=(Newsroom(Path()).now - timedelta(days=number)).date(),
        paragraphs=(f"{sentence(random, 40)}.",),
    )


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a newsroom with some news that stays as it is."""
    return beginning(tmp_path_factory.mktemp("weeks"))


def beginning(folder: Path) -> Newsroom:
    """Publish some news that stays as it is."""
    (folder / "entries").mkdir()
    (folder / "config.toml").write_text(f'{PUBLICATION}language = "*"\nentries = 500\ndays = 0\n')
    room = Newsroom(folder)
    for number in range(_BACKGROUND):
        room.drop(f"other-{number}.toml", _background(number).toml())
    room.build()
    return room


def _known(why: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.long, pytest.mark.skip(reason=why)]


def _numbers() -> list[object]:
    if EXAMPLES:
        return [*range(FIRST, FIRST + EXAMPLES)]
    known = [pytest.param(one, marks=_known(why)) for one, why in KNOWN.items()]
    more = [pytest.param(one, marks=pytest.mark.long) for one in range(2, 12)]
    rare = [pytest.param(one, marks=pytest.mark.release) for one in range(12, 60)]
    return [*_SHORT, *known, *more, *rare]


@pytest.mark.long
@pytest.mark.parametrize("number", _numbers())
def test_nothing_wrong_goes_out_in_a_week(number: int, before: Newsroom) -> None:
    """No news is twice, early, back or lost, and each message can be followed."""
    steps = week(number)
    error, _ = play(steps, before)
    if error:
        error, done = play(shortest(steps, error.kind, before), before)
        pytest.fail("\n".join([f"week {number}", *done.said, str(error)]))
