"""Runs that are repeated until nothing is about to change, and answers to what staff are asked."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime
from time import sleep

from dateline import publish
from dateline.config import Config
from dateline.errors import DatelineError, Problem
from dateline.model import Report
from dateline.publish.notify import websub
from dateline.publish.produce import Progress, silent
from dateline.rules.guards import Approval

ASKED = frozenset(
    {
        "date-slip-corrected",
        "feed-emptied",
        "id-changed",
        "many-gone",
        "many-updated",
        "old-gone",
        "other-news",
        "renamed-edited",
        "tag-changed",
    }
)
KEPT = frozenset({"many-gone", "old-gone", "other-news"})
_RUNS = 200  # in a row at most: a file that is written all the time never holds still


def this_moment() -> datetime:
    """Return the moment of the run: `SOURCE_DATE_EPOCH`, where a build is to be repeatable."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)


def until_settled(
    config: Config,
    *,
    answer: Approval = publish.NOTHING,
    takedown: str = "",
    anew: bool = False,
    progress: Progress = silent,
) -> Report:
    """Build, and build again while something only needs a moment; then tell hubs of it.

    What needs a moment again and again is left to the next build.
    """
    now = this_moment()
    report = publish.build(
        config,
        now=now,
        clock=datetime.now(UTC),
        answer=answer,
        takedown=takedown,
        anew=anew,
        progress=progress,
    )
    reports = [report]
    while report.next and (report.next - now).total_seconds() <= 1 and len(reports) < _RUNS:
        sleep(max(0.0, (report.next - now).total_seconds()))
        now = report.next
        # The file that is answered for may have been one that had to hold still first.
        report = publish.build(config, now=now, clock=datetime.now(UTC), answer=answer)
        reports.append(report)
    left = websub.at_once(config, publish.ledger_url(config), lambda: datetime.now(UTC))
    return dataclasses.replace(
        report,
        remarks=(*report.remarks, *left),
        published=tuple(path for one in reports for path in one.published),
        changed=tuple(path for one in reports for path in one.changed),
        renamed=tuple(pair for one in reports for pair in one.renamed),
        withdrawn=tuple(path for one in reports for path in one.withdrawn),
        documents=tuple(sorted({path for one in reports for path in one.documents})),
    )


def settle(config: Config, answer: Approval) -> tuple[list[Problem], Report]:
    """Return the problems that an answer is about, and the report of the run that takes it.

    Raises `DatelineError` where nothing waits for it.
    """
    report = publish.check(config, now=this_moment(), clock=datetime.now(UTC))
    asked = {found.wanted: found.code for found in report.problems if found.code in ASKED}
    if answer.code not in asked:
        waiting = f" These wait: {', '.join(sorted(asked))}." if asked else ""
        raise DatelineError(f"Nothing waits for {answer.code} now.{waiting}")
    if answer.keep and asked[answer.code] not in KEPT:
        raise DatelineError(f"{answer.code} can only be allowed. Type allow, not keep.")
    answered = [one for one in report.problems if one.wanted == answer.code and one.code in ASKED]
    return answered, until_settled(config, answer=answer)
