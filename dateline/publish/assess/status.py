"""How does a file stand, now that it is judged, and decided what becomes of it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from dateline.config import Config
from dateline.entries.parse.encoding import CUT_AFTER
from dateline.entries.reader import ReadResult
from dateline.entries.scan import UNSEEN
from dateline.errors import Problem, State
from dateline.ledger.rows import FileRecord
from dateline.publish.assess.settling import changed_at, last_changed_at
from dateline.rules.decide import Decision
from dateline.rules.selection import takes

MOMENT = "%Y-%m-%d at %H:%M"


def record_of(
    judged: ReadResult, decision: Decision, config: Config, *, is_live: bool
) -> FileRecord:
    """Say how a file was judged, with the lines of the fields that are at fault."""
    problems = [*judged.problems, *_decided(judged, decision, config)]
    states = {problem.state for problem in problems}
    if State.HOLD in states and is_live:
        problems += _not_out(judged, config)
    path = judged.path
    moment = decision.scheduled.get(path) or decision.postponed.get(path)
    if State.HOLD in states:
        state = State.HOLD.value
    elif State.WAIT in states:
        state = State.WAIT.value
        moment = judged.due or changed_at(judged) + timedelta(seconds=CUT_AFTER)
    elif moment:
        state = "scheduled"
    else:
        state = "draft" if judged.path in decision.drafts else "live"
    return FileRecord(
        stamp=judged.stamp,
        state=state,
        due=moment,
        beside=judged.beside,
        problems=tuple(
            replace(problem, line=problem.line or judged.lines.get(problem.field or ""))
            for problem in problems
        ),
    )


def _not_out(judged: ReadResult, config: Config) -> Iterator[Problem]:
    """Say since when readers have not what is there now: the last change of any of its files."""
    if judged.stamp != UNSEEN:  # else nobody knows of any
        changed = last_changed_at(judged).astimezone(config.publication.zone)
        yield Problem(code="change-not-out", file=judged.path, found=f"{changed:%Y-%m-%d %H:%M}")


def _decided(judged: ReadResult, decision: Decision, config: Config) -> Iterator[Problem]:
    yield from (problem for problem in decision.problems if problem.file == judged.path)
    if judged.story is None:
        return
    if judged.path in decision.drafts:
        yield Problem(code="draft", file=judged.path, field="draft")
    elif moment := decision.scheduled.get(judged.path):
        local = moment.astimezone(config.publication.zone)
        code = "cooling" if judged.path in decision.cooling else "scheduled"
        yield Problem(code=code, file=judged.path, field="date", wanted=f"{local:{MOMENT}}")
    elif not any(takes(feed, judged.story) for feed in config.feeds):
        language = judged.story.language
        yield Problem(code="feed-none", file=judged.path, field="language", found=language)
