"""Staff who do what a message says, and know which news a file is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from random import Random

from dateline.errors import HELD, Problem
from dateline.model import Report
from dateline.rules.guards import NOTHING, Approval
from support.staff_texts import Written
from support.staff_watch import BrokenPromiseError, Watch

_LAST = {"many-gone", "old-gone"}  # they may be about files with another problem


def follow(watch: Watch, report: Report, random: Random) -> tuple[str, Approval]:
    """Do what one message says; return what was done, and the answer to give in the next run.

    Nothing is done if no message asks for anything. A message that cannot be followed raises
    `BrokenPromiseError`.
    """
    asking = [one for one in report.problems if _asks(one)]
    if not asking:
        return "", NOTHING
    problem = random.choice([one for one in asking if one.code not in _LAST] or asking)
    answer = _ANSWERS.get(problem.code, _mend)(watch, problem, random)
    given = f"{'keep' if answer.keep else 'allow'} {answer.code}" if answer.code else "done"
    return f"{problem.code} {problem.file}: {given}", answer


def _asks(problem: Problem) -> bool:
    if problem.code in {"change-not-out", "still-live"}:  # always beside another
        return False
    return problem.state in HELD or problem.code in _LAST


def _mend(watch: Watch, problem: Problem, _: Random) -> Approval:
    """Mend a mistake, or a name that is not read."""
    path, desk = problem.file, watch.desk
    if not path.endswith(".toml"):
        desk.move(path, f"{path.removesuffix('.txt').removesuffix('.md')}.toml")
    elif desk.files[path].is_broken:
        desk.write(path, replace(desk.files[path], is_broken=False))
    else:
        raise BrokenPromiseError("unknown message", f"{problem.code}: {problem.message}")
    return NOTHING


def _let_go(watch: Watch, problem: Problem, _: Random) -> Approval:
    watch.let_go()
    return _allow(problem)


def _delete_or_retitle(watch: Watch, problem: Problem, random: Random) -> Approval:
    """Delete a copy, or give it a name and a title of its own if it is other news."""
    desk, path, found = watch.desk, problem.file, str(problem.found)
    text, other = desk.files[path], desk.files.get(found) or desk.files.get(_beside(path, found))
    if other is None:
        raise BrokenPromiseError("unfollowable", f"{path}: {problem.message}")
    if text.news == other.news:
        desk.remove(path)
    else:
        desk.move(path, desk.free(random), _with_another_title)
    return NOTHING


def _rename_to_original(watch: Watch, problem: Problem, _: Random) -> Approval:
    watch.desk.move(problem.file, _beside(problem.file, str(problem.found)))
    return NOTHING


def _keep_one(watch: Watch, problem: Problem, _: Random) -> Approval:
    desk, path = watch.desk, problem.file
    others = [other for other in desk.files_about(desk.files[path].news) if other != path]
    for other in others:
        desk.remove(other)
    if not others:  # the others are other news
        desk.write(path, _with_another_title(desk.files[path]))
    return NOTHING


def _take_the_draft_line_out(watch: Watch, problem: Problem, _: Random) -> Approval:
    watch.desk.write(problem.file, replace(watch.desk.files[problem.file], is_draft=False))
    return NOTHING


def _take_the_id_out(watch: Watch, problem: Problem, _: Random) -> Approval:
    """Remove the id, or the file if that was of the same news as another."""
    desk, path = watch.desk, problem.file
    owner = desk.files.get(str(problem.found))
    if problem.code == "id-taken" and owner and owner.news == desk.files[path].news:
        desk.remove(path)
    else:
        desk.write(path, replace(desk.files[path], id=""))
    return NOTHING


def _rename_back(watch: Watch, problem: Problem, _: Random) -> Approval:
    """Rename a file to the name that its news had, or declare it other news."""
    desk, path, found = watch.desk, problem.file, str(problem.found)
    owners = watch.published_from(found).keys() | watch.withdrawn_from(found)
    if not owners or found in desk.files:
        raise BrokenPromiseError("unfollowable", f"{path}: {problem.message}")
    if desk.files[path].news not in owners:
        return _allow(problem)
    desk.move(path, found)
    return NOTHING


def _add_the_id(watch: Watch, problem: Problem, _: Random) -> Approval:
    """Add the id that the news has, or declare it other news."""
    desk, path, found = watch.desk, problem.file, str(problem.found)
    if watch.owners[found] != desk.files[path].news:
        return _allow(problem)
    desk.write(path, replace(desk.files[path], id=found))
    return NOTHING


def _say_whether_it_is_the_same(watch: Watch, problem: Problem, random: Random) -> Approval:
    """Correct or keep the same entry; rename or allow other news, beside which the old stays."""
    desk, path = watch.desk, problem.file
    text, found = desk.files[path], str(problem.found)
    owner = next(n for n, title in watch.published_from(path).items() if title == found)
    has_two_answers = random.random() < 0.5
    if text.news == owner and has_two_answers:
        return replace(_allow(problem), keep=True)
    if text.news == owner:
        said = f"It was {next(desk.numbers)}."
        desk.write(path, replace(text, corrections=(*text.corrections, said)))
        return NOTHING
    watch.kept.add(owner)
    if has_two_answers:
        return _allow(problem)
    desk.move(path, desk.free(random))
    return NOTHING


def _say_whether_the_id_is_right(watch: Watch, problem: Problem, random: Random) -> Approval:
    """Allow the same entry; take the id from other news and rename it, the old stays."""
    desk, path = watch.desk, problem.file
    text = desk.files[path]
    owner = watch.owners[text.id]
    if text.news == owner:
        return _allow(problem)
    watch.kept.add(owner)
    desk.move(path, desk.free(random), lambda text: replace(text, id=""))
    return NOTHING


def _with_another_title(text: Written) -> Written:
    return replace(text, title=f"{text.title} again")


def _allow(problem: Problem) -> Approval:
    return Approval(code=str(problem.wanted))


def _beside(path: str, name: str) -> str:
    """Return the path of a name; one without a folder is that of a file beside the other."""
    return name if "/" in name else str(PurePosixPath(path).with_name(name))


_ANSWERS: dict[str, Callable[[Watch, Problem, Random], Approval]] = {
    "copy": _delete_or_retitle,
    "copy-alone": _rename_to_original,
    "copy-kept": _delete_or_retitle,
    "draft-live": _take_the_draft_line_out,
    "id-changed": _take_the_id_out,
    "id-taken": _take_the_id_out,
    "many-gone": _let_go,
    "name-conflict": _delete_or_retitle,
    "name-conflict-alone": _rename_to_original,
    "name-copy": _delete_or_retitle,
    "name-version": _delete_or_retitle,
    "old-gone": _let_go,
    "other-news": _say_whether_it_is_the_same,
    "other-news-id": _say_whether_the_id_is_right,
    "rename-unclear": _keep_one,
    "renamed-edited": _rename_back,
    "renamed-unnamed": _add_the_id,
}
