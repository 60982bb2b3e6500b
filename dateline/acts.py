"""What do staff do to what is published: answer a guard, take an entry down, move the site?

Each command does one run, in which that is done.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import click

from dateline import config as configuration
from dateline import moving, pipeline, push, terminal, versions
from dateline.config import Config
from dateline.desk import config_option, this_moment
from dateline.errors import DatelineError, Problem
from dateline.guard import Answer
from dateline.ledger import Ledger, exclusive
from dateline.model import Report
from dateline.moving import Move
from dateline.press import Progress, silent

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


@click.command()
@config_option
@click.argument("code")
def allow(config_path: Path, code: str) -> None:
    """Let exactly what waits for CODE pass, this once: it was meant."""
    _answer(configuration.load(config_path), Answer(code=code))


@click.command()
@config_option
@click.argument("code")
def keep(config_path: Path, code: str) -> None:
    """Leave what CODE is about as it is: live though files are gone, or the same entry."""
    _answer(configuration.load(config_path), Answer(code=code, keep=True))


@click.command()
@config_option
@click.option("--yes", is_flag=True, help="Do not ask again.")
@click.argument("entry")
def takedown(config_path: Path, entry: str, *, yes: bool) -> None:
    """Take ENTRY down, for good: its file under entries/, its page, or its id.

    Its text, its pictures, its page and all its versions are deleted everywhere at once, and it
    is never published again.
    """
    config = configuration.load(config_path)
    id_ = versions.id_of(config, entry)
    if not yes:
        click.confirm(
            f"{entry} ({id_}) will be deleted everywhere, with every version. Nothing brings it "
            "back. Take it down?",
            abort=True,
        )
    report = until_settled(config, takedown=id_)
    terminal.show_answer(
        f"{entry} is taken down, and its page answers 410. If its file is still in "
        f"{config.entries.name}/, delete it. What readers, search engines and caches copied, only "
        "they can delete: ask them.",
        report,
        config.entries,
        about=[problem.file for problem in report.problems if problem.found == id_],
    )


@click.command()
@config_option
@click.option("--to", "address", required=True, help="The new address of the site.")
@click.option("--yes", is_flag=True, help="Write it into config.toml.")
def move(config_path: Path, address: str, *, yes: bool) -> None:
    """Say what subscribers will see when the site moves; with --yes, move it."""
    config = configuration.load(config_path)
    plan = Move.to(address, config)
    with exclusive(config.state), Ledger(pipeline.ledger_url(config)) as ledger:
        for line in moving.outcome(plan, config, ledger):
            click.echo(line)
    if not yes:
        click.echo("\nNothing is changed yet. To move, type the same with --yes.")
        return
    text = config.path.read_text(encoding="utf-8-sig")
    temporary = config.path.with_name(f".{config.path.name}.new")
    temporary.write_text(moving.rewritten(text, plan), encoding="utf-8")
    configuration.load(temporary)
    temporary.replace(config.path)
    click.echo("\nconfig.toml is changed; serve takes it up by itself, or type build.")


def until_settled(
    config: Config,
    *,
    answer: Answer = pipeline.NOTHING,
    takedown: str = "",
    anew: bool = False,
    progress: Progress = silent,
) -> Report:
    """Build, and build again while something only needs a moment; then tell hubs of it.

    What needs a moment again and again is left to the next build.
    """
    now = this_moment()
    report = pipeline.build(
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
        report = pipeline.build(config, now=now, clock=datetime.now(UTC), answer=answer)
        reports.append(report)
    left = push.at_once(config, pipeline.ledger_url(config), lambda: datetime.now(UTC))
    return dataclasses.replace(
        report,
        remarks=(*report.remarks, *left),
        published=tuple(path for one in reports for path in one.published),
        changed=tuple(path for one in reports for path in one.changed),
        renamed=tuple(pair for one in reports for pair in one.renamed),
        withdrawn=tuple(path for one in reports for path in one.withdrawn),
        documents=tuple(sorted({path for one in reports for path in one.documents})),
    )


def settle(config: Config, answer: Answer) -> Report:
    """Do the run in which an answer is taken. Raises `DatelineError` where nothing waits for it."""
    return _settle(config, answer)[1]


def _settle(config: Config, answer: Answer) -> tuple[list[Problem], Report]:
    """Return the problems that were answered, and what came of it."""
    report = pipeline.check(config, now=this_moment(), clock=datetime.now(UTC))
    asked = {found.wanted: found.code for found in report.problems if found.code in ASKED}
    if answer.code not in asked:
        waiting = f" These wait: {', '.join(sorted(asked))}." if asked else ""
        raise DatelineError(f"Nothing waits for {answer.code} now.{waiting}")
    if answer.keep and asked[answer.code] not in KEPT:
        raise DatelineError(f"{answer.code} can only be allowed. Type allow, not keep.")
    answered = [one for one in report.problems if one.wanted == answer.code and one.code in ASKED]
    return answered, until_settled(config, answer=answer)


def _answer(config: Config, answer: Answer) -> None:
    answered, report = _settle(config, answer)
    files = list(dict.fromkeys(problem.file for problem in answered))
    if answer.keep:
        said = f"Kept: what {answer.code} is about stays as it is ({', '.join(files)})."
    else:
        said = f"Allowed, this once: {answer.code} ({', '.join(files)})."
    terminal.show_answer(said, report, config.entries, about=files)


COMMANDS = (allow, keep, takedown, move)
