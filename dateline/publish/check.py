"""Check the entries: a run that is rolled back and writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dateline.config import Config
from dateline.errors import Problem
from dateline.model import Report
from dateline.publish import find, prepare
from dateline.publish.assess.forecast import outlook
from dateline.publish.notify.report import in_newsroom_language, report
from dateline.publish.recovery import readable_ledger
from dateline.publish.run import RunRequest


def check(config: Config, request: RunRequest) -> Report:
    """Return what a run would report, and write nothing.

    If the request names `files`, report on these alone, and on what becomes of the good ones.
    """
    # The run is made in the ledger itself, and rolled back: no other process may use it.
    with readable_ledger(config) as ledger:
        run = prepare(config, ledger, request, is_trial=True)
        found = find(run)
        done, good = report(run.config, found), ledger.files.fine()
        ahead = [one for path in request.files for one in outlook(path, found.assessment, run)]
    skipped = [Problem(code="file-skipped", file=path) for path in found.assessment.skipped]
    problems = (*done.problems, *in_newsroom_language(config, [*skipped, *ahead]))
    if request.files:
        return _limited(replace(done, problems=problems), request.files)
    return replace(done, problems=problems, states=dict(sorted({**good, **done.states}.items())))


def _limited(report: Report, files: Collection[str]) -> Report:
    """Return what a report has on these files."""
    return replace(
        report,
        problems=tuple(problem for problem in report.problems if problem.file in files),
        states={path: state for path, state in report.states.items() if path in files},
        published=tuple(path for path in report.published if path in files),
        changed=tuple(path for path in report.changed if path in files),
        renamed=tuple(pair for pair in report.renamed if pair[1] in files),
        missing=tuple(path for path in report.missing if path in files),
    )
