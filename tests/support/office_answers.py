"""An office that does what a message says, and knows which news a file is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from random import Random

from dateline.errors import HELD, Problem
from dateline.model import Report
from dateline.rules.guards import NOTHING, Approval
from support.office import Office
from support.office_judge import GRACE, Judge, WrongNewsError

_LAST = {"many-gone", "old-gone"}  # they may be about files with another problem
_BESIDE = {"change-not-out", "still-live"}


def follow(judge: Judge, report: Report, random: Random) -> tuple[str, Approval]:
    """Do what one message says; return what was done, and the answer to give in the next run.

    Nothing is done if no message asks for anything. A message that cannot be followed raises
    `WrongNewsError`.
    """
    asking = [one for one in report.problems if _asks(one)]
    if not asking:
        return "", NOTHING
    problem = random.choice([one for one in asking if one.code not in _LAST] or asking)
    if problem.code not in _LAST and problem.file not in judge.office.files:
        raise WrongNewsError("of no file", f"{problem.code} {problem.file}: {problem.message}")
    answer = _ANSWERS.get(problem.code, _mend)(judge, problem)
    given = f"{'keep' if answer.keep else 'allow'} {answer.code}" if answer.code else "done"
    return f"{problem.code} {problem.file} ({problem.found}): {given}", answer


def _asks(problem: Problem) -> bool:
    return problem.code not in _BESIDE and (problem.state in HELD or problem.code in _LAST)


def _mend(judge: Judge, problem: Problem) -> Approval:
    office = judge.office
    text = office.files[problem.file]
    if not text.is_broken:
        raise WrongNewsError("unknown", f"{problem.code} {problem.file}: {problem.message}")
    office.write(problem.file, replace(text, is_broken=False))
    return NOTHING


def _allow(_: Judge, problem: Problem) -> Approval:
    return Approval(code=str(problem.wanted))


def _let_go(judge: Judge, problem: Problem) -> Approval:
    judge.gone = dict.fromkeys(judge.gone, judge.office.newsroom.now - GRACE)
    return _allow(judge, problem)


def _move(office: Office, path: str, to: str) -> None:
    """Rename a file as a message says; another of the news in its place is written over."""
    text = office.remove(path)
    office.write(to, text)
    if office.meant.get(text.news) in {path, to}:
        office.meant[text.news] = to
        office.promoted.discard(text.news)


def _second_copy(judge: Judge, problem: Problem) -> Approval:
    """Delete a copy; if it is what the office means, it takes the place of the other file."""
    office, path = judge.office, problem.file
    text, found = office.files[path], _beside(path, str(problem.found), office)
    is_own = office.meant.get(text.news) == path
    other = office.files.get(found)
    if not is_own:
        office.remove(path)
    elif other is None and found.endswith(".html"):
        raise WrongNewsError("unfollowable", f"{problem.code} {path}: {problem.message}")
    elif other is None or other.news == text.news:
        _move(office, path, found)
    else:
        title = f"{text.title} again"
        office.change(text.news, replace(text, title=title), f"own-{next(office.numbers)}.toml")
    return NOTHING


def _copy_kept(judge: Judge, problem: Problem) -> Approval:
    """Delete a copy; if it is the only file of its news, it takes the place of the other."""
    office, path = judge.office, problem.file
    text = office.files[path]
    found = _beside(path, str(problem.found), office)
    if office.meant.get(text.news) != path:
        office.remove(path)
    elif found in office.files:
        office.change(text.news, replace(text, title=f"{text.title} again"))
    else:
        _move(office, path, found)
    return NOTHING


def _copy_alone(judge: Judge, problem: Problem) -> Approval:
    """Give a copy the name of the file that is gone, if it is what the office means."""
    office, path = judge.office, problem.file
    text, found = office.files[path], _beside(path, str(problem.found), office)
    if office.meant.get(text.news) != path:
        office.remove(path)
    elif found.endswith(".html"):
        raise WrongNewsError("unfollowable", f"{problem.code} {path}: {problem.message}")
    elif found in office.files:
        office.excuse(text.news, "named")
        if text.news not in office.unclear:
            raise WrongNewsError("unfollowable", f"{problem.code} {path}: {problem.message}")
        office.change(text.news, replace(text, title=f"{text.title} again"))
        office.kept.add(text.news)
    else:
        _move(office, path, found)
    return NOTHING


def _keep_one(judge: Judge, problem: Problem) -> Approval:
    office, path = judge.office, problem.file
    text = office.files[path]
    others = office.others(text.news)
    for other in others:
        office.remove(other)
    if not others and text.news in office.meant:  # the others are other news
        office.change(text.news, replace(text, title=f"{text.title} again"))
    return NOTHING


def _rename_back(judge: Judge, problem: Problem) -> Approval:
    """Rename a file to the name that its news had, or declare it other news."""
    office, path, found = judge.office, problem.file, str(problem.found)
    text = office.files[path]
    if judge.published_from(found) != text.news:
        return _allow(judge, problem)
    if office.meant.get(text.news) != path:
        office.remove(path)
    elif found in office.files:
        raise WrongNewsError("unfollowable", f"{problem.code} {path}: {problem.message}")
    else:
        _move(office, path, found)
    return NOTHING


def _add_the_id(judge: Judge, problem: Problem) -> Approval:
    office, path, found = judge.office, problem.file, str(problem.found)
    text = office.files[path]
    if judge.owners.get(found) != text.news:
        return _allow(judge, problem)
    if office.meant.get(text.news) != path:
        office.remove(path)
    else:
        office.change(text.news, replace(text, id=found))
    return NOTHING


def _say_whether_it_is_the_same(judge: Judge, problem: Problem) -> Approval:
    office, path = judge.office, problem.file
    news = office.files[path].news
    before = judge.owner_at(path, str(problem.found))
    if before == news:
        return Approval(code=str(problem.wanted), keep=True)
    if before is not None and before not in office.meant:
        office.kept.add(before)
    return _allow(judge, problem)


def _say_whether_the_id_is_right(judge: Judge, problem: Problem) -> Approval:
    office, path = judge.office, problem.file
    text = office.files[path]
    if judge.owners.get(text.id) == text.news:
        return _allow(judge, problem)
    office.change(text.news, replace(text, id=""))
    return NOTHING


def _take_the_id_out(judge: Judge, problem: Problem) -> Approval:
    office, path = judge.office, problem.file
    text = office.files[path]
    if office.meant.get(text.news) == path:
        office.change(text.news, replace(text, id=""))
    else:
        office.remove(path)
    return NOTHING


def _take_the_draft_line_out(judge: Judge, problem: Problem) -> Approval:
    office = judge.office
    office.write(problem.file, replace(office.files[problem.file], is_draft=False))
    return NOTHING


def _put_the_date_back(judge: Judge, problem: Problem) -> Approval:
    """Give a file the date that readers have."""
    office = judge.office
    text = office.files[problem.file]
    (item,) = (one for one in office.newsroom.items() if one["id"] == judge.ids[text.news])
    moment = datetime.fromisoformat(item["date_published"]).astimezone(UTC)
    office.write(problem.file, replace(text, date=moment))
    return NOTHING


def _delete(judge: Judge, problem: Problem) -> Approval:
    office = judge.office
    text = office.remove(problem.file)
    if office.meant.get(text.news) == problem.file:
        del office.meant[text.news]
    return NOTHING


def _beside(path: str, name: str, office: Office) -> str:
    """Return the path of a name; one without a folder may be that of a file beside the other."""
    beside = str(PurePosixPath(path).parent / name)
    return beside if "/" not in name and name not in office.files else name


_ANSWERS: dict[str, Callable[[Judge, Problem], Approval]] = {
    "copy": _second_copy,
    "copy-alone": _copy_alone,
    "copy-kept": _copy_kept,
    "date-ahead-live": _put_the_date_back,
    "draft-live": _take_the_draft_line_out,
    "id-changed": _take_the_id_out,
    "id-taken": _take_the_id_out,
    "many-gone": _let_go,
    "name-conflict": _second_copy,
    "name-conflict-alone": _copy_alone,
    "name-copy": _second_copy,
    "name-version": _second_copy,
    "old-gone": _let_go,
    "other-news": _say_whether_it_is_the_same,
    "other-news-id": _say_whether_the_id_is_right,
    "rename-unclear": _keep_one,
    "renamed-edited": _rename_back,
    "renamed-unnamed": _add_the_id,
    "taken-down": _delete,
}
