"""Runs repeated until no file is about to change, and what staff do by a run of their own.

They answer guards, withdraw an entry, or take it down.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from time import sleep

from dateline import publish
from dateline.config import Config
from dateline.entries import scan
from dateline.entries.lazy_scan import is_reached
from dateline.errors import DatelineError, LedgerError, NotAskedError, Problem
from dateline.ledger import Ledger, exclusive
from dateline.messages import program
from dateline.model import Report
from dateline.model.acts import Act, ActRecord, WithdrawalRequest
from dateline.publish.check import PATIENCE, check
from dateline.publish.notify import cdn, websub
from dateline.publish.recovery import kept_aside, ledger_url
from dateline.publish.run import RunRequest
from dateline.rules.guards import NOTHING, Approval
from dateline.rules.withdrawals import gone_code
from dateline.system import clock
from dateline.system.clock import this_moment
from dateline.system.writing import remove_file

ASKED = frozenset(
    {
        "date-slip-corrected",
        "date-slip-held",
        "feed-emptied",
        "id-changed",
        "many-gone",
        "many-updated",
        "old-gone",
        "other-news",
        "other-news-id",
        "renamed-edited",
        "renamed-unnamed",
        "tag-changed",
        "topic-feeds-removed",
        "unapproved",
        "unapproved-unknown",
    }
)
NO_FILES: Mapping[str, str] = {}
KEPT = frozenset({"many-gone", "old-gone", "other-news"})
_SHOWN = 5  # files in a remark
_RUNS = 200  # in a row at most: a file may be written all the time
_ONCE = frozenset({"feed-taken-down"})  # what a run did, which the next one does not report


def request_now(approval: Approval = NOTHING) -> RunRequest:
    """Return the request for a run at this moment."""
    return RunRequest(now=this_moment(), clock=datetime.now(UTC), approval=approval)


def until_settled(config: Config, request: RunRequest) -> Report:
    """Build, and build again while a file only needs a moment; then notify hubs of it.

    A file that needs a moment again and again is left to the next build.
    """
    report = publish.build(config, request)
    now, reports = request.now, [report]
    while report.next and (report.next - now).total_seconds() <= 1 and len(reports) < _RUNS:
        sleep(max(0.0, (report.next - now).total_seconds()))
        now = report.next
        # The file that staff approve may have been one that had to hold still first.
        again = RunRequest(now=now, clock=datetime.now(UTC), approval=request.approval)
        report = publish.build(config, again)
        reports.append(report)
    left = websub.at_once(config, ledger_url(config), clock.now)
    purged = cdn.at_once(config, ledger_url(config), clock.now, is_takedown=bool(request.takedown))
    aside = kept_aside(config) if request.takedown else ()
    done = [one for earlier in reports[:-1] for one in earlier.problems if one.code in _ONCE]
    return dataclasses.replace(
        report,
        problems=(*done, *report.problems),
        states=_states(reports),
        remarks=(*report.remarks, *left, *purged, *aside),
        published=tuple(path for one in reports for path in one.published),
        changed=tuple(path for one in reports for path in one.changed),
        renamed=tuple(pair for one in reports for pair in one.renamed),
        withdrawn=tuple(path for one in reports for path in one.withdrawn),
        documents=tuple(sorted({path for one in reports for path in one.documents})),
    )


def _states(reports: Sequence[Report]) -> dict[str, str]:
    """Return the states after the last run, and those of files that an earlier one published."""
    earlier = {
        path: one.states[path]
        for one in reports
        for path in (*one.published, *one.changed)
        if path in one.states
    }
    return dict(sorted({**earlier, **reports[-1].states}.items()))


def check_settled(
    config: Config, files: Collection[str] = (), folders: Collection[str] = ()
) -> Report:
    """Check the entries, or these, and once more if one was written a moment ago."""
    report = check(config, dataclasses.replace(request_now(), files=files), folders)
    if any(problem.code == "file-changing" for problem in report.problems):
        sleep(scan.holds_still_after(config.entries).total_seconds())
        report = check(config, dataclasses.replace(request_now(), files=files), folders)
    return report


def settle(config: Config, approval: Approval) -> tuple[list[Problem], Report]:
    """Return the problems that an answer is about, and the report of the run that applies it.

    Raises `NotAskedError` where nothing waits for it.
    """
    report = check(config, request_now())
    asked = {str(found.wanted): found.code for found in report.problems if found.code in ASKED}
    if approval.code not in asked:
        waiting = f" These are: {', '.join(sorted(asked))}." if asked else ""
        raise NotAskedError(f"Nothing is held under {approval.code} now.{waiting}")
    if approval.keep and asked[approval.code] not in KEPT:
        raise DatelineError(
            f"{approval.code} can only be allowed. Type: {program.name()} allow {approval.code}"
        )
    answered = [one for one in report.problems if one.wanted == approval.code and one.code in ASKED]
    request = request_now(approval)
    acts = _acts(answered, report, approval, request.now)
    return answered, until_settled(config, dataclasses.replace(request, acts=acts))


def withdraw(config: Config, path: str, seen: str, *, person: str, now: datetime) -> Report | None:
    """Remove the file of a live entry, and withdraw the entry in the same run.

    None if readers have no entry of this file, or its SHA-256 is not `seen` any more: then nothing
    is done. The versions stay in the ledger. That `person` did this is recorded.
    Raises `DatelineError`, also where entries come from a source.
    """
    config.require_own_entries(f"Delete {path}")
    with exclusive(config.state, patience=PATIENCE), Ledger(ledger_url(config)) as ledger:
        ids = ledger.entries.ids_of([path])
        if not ids or not is_reached(config.entries, path):
            return None
        ledger.acts.record(moment=now, person=person, act=Act.WITHDREW, path=path, entry_id=ids[0])
        ledger.confirm()
        try:
            if not remove_file(config.entries / path, seen):
                return None
        except OSError as error:
            raise DatelineError(f"{path} cannot be removed ({error.strerror}).") from error
        ledger.commit()
    approval = Approval(code=gone_code(ids[0]), person=person)
    request = RunRequest(now=now, clock=now, approval=approval, changed_files=[path])
    return until_settled(config, request)


def ask_withdrawal(
    config: Config, path: str, reason: str, *, person: str, now: datetime
) -> Report | None:
    """Record that a person asks to withdraw the entry of a file, until an editor decides.

    None if readers have no entry of this file. Raises `DatelineError`.
    """
    with exclusive(config.state, patience=PATIENCE), Ledger(ledger_url(config)) as ledger:
        ids = ledger.entries.ids_of([path])
        if not ids:
            return None
        ledger.state.settle_withdrawal(ids[0])
        before = ledger.state.withdrawal_requests
        live = ledger.entries.find([one.entry_id for one in before])
        asked = WithdrawalRequest(entry_id=ids[0], person=person, reason=reason)
        ledger.state.withdrawal_requests = [*(one for one in before if one.entry_id in live), asked]
        ledger.acts.record(
            moment=now,
            person=person,
            act=Act.ASKED,
            path=path,
            entry_id=ids[0],
            detail=reason,
        )
        ledger.files.read_again([path])
        ledger.commit()
    return publish.build(config, RunRequest(now=now, clock=now, changed_files=[path]))


def decline_withdrawal(config: Config, path: str, *, person: str, now: datetime) -> Report | None:
    """Record that a person declines to withdraw the entry of a file; None if nobody asks."""
    with exclusive(config.state, patience=PATIENCE), Ledger(ledger_url(config)) as ledger:
        ids = ledger.entries.ids_of([path])
        if not ids or not ledger.state.settle_withdrawal(ids[0]):
            return None
        ledger.acts.record(moment=now, person=person, act=Act.DECLINED, path=path, entry_id=ids[0])
        ledger.files.read_again([path])
        ledger.commit()
    return publish.build(config, RunRequest(now=now, clock=now, changed_files=[path]))


def take_down(
    config: Config,
    id_: str,
    request: RunRequest,
    *,
    person: str = "",
    files: Mapping[str, str] = NO_FILES,
) -> Report:
    """Delete the entry with an id everywhere, for good, and record that `person` did.

    Then remove `files` below the entries folder that still have these SHA-256; one that cannot be
    removed, as in a source, is reported as held.
    """
    act = ActRecord(moment=request.now, person=person, act=Act.TOOK_DOWN, entry_id=id_)
    pages: list[str] = []
    with suppress(LedgerError), Ledger(ledger_url(config)) as ledger:  # the run repairs it
        pages = [f"/{slug}.html" for slug in ledger.entries.slugs([id_])]
    report = until_settled(config, dataclasses.replace(request, takedown=id_, acts=[act]))
    own = NO_FILES if config.source else files
    removed = [path for path, seen in own.items() if _is_removed(config, path, seen)]
    if removed:
        again = RunRequest(now=request.now, clock=request.clock, changed_files=removed)
        report = until_settled(config, again)
    return dataclasses.replace(report, remarks=(*report.remarks, *_linking(config, pages)))


def _linking(config: Config, pages: Sequence[str]) -> Iterator[str]:
    """Yield a remark on the live entries that link to pages which were taken down."""
    found: list[str] = []
    with suppress(LedgerError), Ledger(ledger_url(config)) as ledger:
        live = ledger.entries.live() if pages else ()
        found = [one.story.path for one in live if any(page in one.story.html for page in pages)]
    if found:
        yield (
            "Its address, with words of its title, is still in the text of "
            f"{', '.join(found[:_SHOWN])}{', …' if len(found) > _SHOWN else ''}: take the link out "
            f"there. Where the file is gone, {program.name()} restore brings it back."
        )


def _is_removed(config: Config, path: str, seen: str) -> bool:
    try:
        return is_reached(config.entries, path) and remove_file(config.entries / path, seen)
    except OSError:
        return False


def concerned(problem: Problem, report: Report) -> tuple[str, ...]:
    """Return the files that an answer to a problem is about, as far as they are known."""
    if problem.code == "many-gone":
        return tuple(sorted(report.missing))
    if problem.code == "many-updated":
        held = (one.file for one in report.problems if one.code == "updated-held")
        return tuple(sorted({*held}))
    return () if problem.file.endswith("/") else (problem.file,)


def _acts(
    answered: Sequence[Problem], report: Report, approval: Approval, now: datetime
) -> tuple[ActRecord, ...]:
    """Return one act for each file that an answer is about, or one for none."""
    files = dict.fromkeys(path for one in answered for path in concerned(one, report))
    is_approval = any(one.code.startswith("unapproved") for one in answered)
    act = Act.KEPT if approval.keep else Act.APPROVED if is_approval else Act.ALLOWED
    return tuple(
        ActRecord(moment=now, person=approval.person, act=act, path=path, detail=approval.code)
        for path in files or [""]
    )
