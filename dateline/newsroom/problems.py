"""The problems of the last run in order of gravity: for a page, and as a feed (RFC 4287)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby, islice
from pathlib import Path
from typing import TypedDict
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.sax.saxutils import quoteattr

from dateline.config import Config
from dateline.errors import Problem, State
from dateline.messages import around, spoken
from dateline.model import Report
from dateline.publish.notify.problem_files import TOO_LONG, quoted
from dateline.publish.settle import ASKED, KEPT, concerned
from dateline.system import heartbeat
from dateline.text.characters import sifted

_PLACE = "\ufdd0"  # for the address, which no text holds (`dateline.text.characters.sifted`)
_SELF = f'"{_PLACE}"'.encode()
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemNotice:
    """The problems of one file, of files with equal ones, or of the publication (a guard).

    `rank` is `guard`, `alarm` (held for long), `hold`, `wait` or `warn`; each of `said` is a
    message and the line that it is about, or nothing. `code` is the code for `allow`, of the
    `kind` of question, and empty for a request of a writer; where it `can_keep`, `keep` leaves
    all as it is. `files` are all that the question concerns; `alike` are all that have these
    problems, where it is not one alone, and `mark` is the same while the problems are. Where the
    file `is_gone`, nobody can edit it.
    """

    rank: str
    file: str
    since: datetime
    said: tuple[tuple[str, str], ...]
    code: str = ""
    kind: str = ""
    can_keep: bool = False
    files: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    mark: str = ""
    is_gone: bool = False

    @property
    def about(self) -> str:
        """The name by which staff know the question: that of its one file, else the code."""
        return _named(self.files, self.code)


class _Asked(TypedDict, total=False):
    code: str
    kind: str
    can_keep: bool
    files: tuple[str, ...]


_REQUEST = "withdrawal-asked"
_GONE = frozenset({"file-gone", "old-gone"})
RANKS = ("guard", "alarm", "hold", "wait", "warn")


def notices(
    report: Report, folder: Path, now: datetime, *, patience: timedelta, limit: int
) -> tuple[list[ProblemNotice], int]:
    """Return the problems, gravest and then newest first, and how many notices there are in all.

    A file that is held for longer than `patience` is an alarm. Guards have a notice each, and so
    have equal problems of several files, wherever they are in the files.
    """
    wrong: dict[tuple[str, str], list[_Wrong]] = {}
    for problems, since in _now(report, now):
        name, code = _name(problems[0])
        is_long = now - since > patience
        key = (name, code if name.endswith("/") else "")
        wrong.setdefault(key, []).append(
            _Wrong(problems, since, _rank(problems[0], is_long=is_long))
        )
    found = [sorted(some, key=lambda one: RANKS.index(one.rank)) for some in wrong.values()]
    found.sort(key=lambda some: RANKS.index(some[0].rank))
    alike: dict[str, list[list[_Wrong]]] = {}
    for some in found:
        alike.setdefault(_mark(some), []).append(some)
    shown = islice(alike.items(), limit)
    return [_notice(same, mark, folder, report) for mark, same in shown], len(alike)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """The problems of one code with one file."""

    problems: Sequence[Problem]
    since: datetime
    rank: str


def _rank(problem: Problem, *, is_long: bool) -> str:
    is_guarded = problem.file.endswith("/") or problem.code in {*ASKED, _REQUEST}
    if is_guarded and problem.state is State.HOLD:
        return "guard"
    if is_long and problem.state in {State.HOLD, State.WAIT}:
        return "alarm"
    return problem.state.value


def question(report: Report, path: str) -> ProblemNotice | None:
    """Return the question about the file at `path`, alone or with others, or None."""
    for problem in report.problems:
        if problem.code in ASKED and path in concerned(problem, report):
            since = report.since.get(_name(problem), datetime.min.replace(tzinfo=UTC))
            return ProblemNotice(
                rank="guard", file=problem.file, since=since, said=(), **_asked(problem, report)
            )
    return None


def name_of(report: Report, code: str) -> str:
    """Return the name by which staff know the question with this code, as a notice has it."""
    for problem in report.problems:
        if problem.code in ASKED and str(problem.wanted) == code:
            return _named(concerned(problem, report), code)
    return code


def _named(files: Sequence[str], code: str) -> str:
    return files[0] if len(files) == 1 else code


def _asked(problem: Problem, report: Report) -> _Asked:
    return {
        "code": str(problem.wanted),
        "kind": problem.code,
        "can_keep": problem.code in KEPT,
        "files": concerned(problem, report),
    }


def _mark(some: Sequence[_Wrong]) -> str:
    """Return a text that equal problems of several files share; questions share none."""
    problems = [problem for one in some for problem in one.problems]
    is_alone = some[0].rank == "guard" or any(one.code in ASKED for one in problems)
    alone = [one.file for one in problems if is_alone]
    same = [(one.code, one.field, repr(one.found), repr(one.wanted)) for one in problems]
    return hashlib.sha256(repr((some[0].rank, alone, same)).encode()).hexdigest()[:16]


def _notice(
    same: Sequence[Sequence[_Wrong]], mark: str, folder: Path, report: Report
) -> ProblemNotice:
    """Return the notice of the problems of a file, or of files that have the same."""
    problems = [problem for one in same[0] for problem in one.problems]
    asked = next((one for one in problems if one.code in ASKED), None)
    about: _Asked = _asked(asked, report) if asked else {}
    if not asked and any(one.code == _REQUEST for one in problems):
        about = {"kind": _REQUEST}
    if len(same) > 1:
        said = [(replace(one, line=None).message, "") for one in problems]
    else:
        said = [(one.message, quoted(folder, one).strip()) for one in problems]
    return ProblemNotice(
        rank=same[0][0].rank,
        file=problems[0].file,
        since=max(some[0].since for some in same),
        said=tuple(said),
        alike=tuple(sorted(some[0].problems[0].file for some in same)) if len(same) > 1 else (),
        mark=mark,
        is_gone=any(one.code in _GONE for one in problems),
        **about,
    )


def _now(report: Report, now: datetime) -> list[tuple[list[Problem], datetime]]:
    """Return the problems of each file and code with the moment since when, newest first."""
    shown = [problem for problem in report.problems if _is_shown(problem, report, now)]
    groups = groupby(sorted(shown, key=_name), key=_name)
    found = [(list(group), report.since.get(name, now)) for name, group in groups]
    return sorted(found, key=lambda one: one[1], reverse=True)


def _name(problem: Problem) -> tuple[str, str]:
    return problem.file, problem.code


def _is_shown(problem: Problem, report: Report, now: datetime) -> bool:
    if problem.state is State.WAIT:
        return now - report.since.get(_name(problem), now) >= TOO_LONG
    return problem.state in {State.HOLD, State.WARN}


# ---- The feed


class ProblemFeed:
    """The feed of problems; it keeps its bytes while the same is wrong."""

    def __init__(self, config: Config) -> None:
        self.follow(config)
        self._entries: list[bytes] = []
        self._moments: dict[tuple[str, str, datetime], datetime] = {}
        self.data = b""

    def follow(self, config: Config) -> None:
        """Take up a configuration; problems keep their moments."""
        self._publication = config.publication
        self._folder = config.entries
        self._language = config.newsroom.language

    def show(self, report: Report, now: datetime) -> None:
        """Take the problems of a report into the feed."""
        dealt = heartbeat.beating(self._dealt(_now(report, now)))
        entries = [self._entry(found, since) for found, since in dealt]
        written = [tostring(entry) for entry in entries]
        if written != self._entries or not self.data:
            self._entries = written
            self.data = self._feed(entries, now)

    def document(self, address: str) -> bytes:
        """Return the feed, with `address` as its own address, key included."""
        return self.data.replace(_SELF, quoteattr(address).encode())

    def _dealt(
        self, wrong: Sequence[tuple[list[Problem], datetime]]
    ) -> Iterator[tuple[list[Problem], datetime]]:
        """Yield the problems with a moment that no two share, and that each keeps.

        Some readers take two entries of one moment for one, and validators warn of it.
        """
        keys = [(*_name(problems[0]), since) for problems, since in wrong]
        self._moments = {key: self._moments[key] for key in keys if key in self._moments}
        taken = {*self._moments.values()}
        last: datetime | None = None  # above it, all is taken down from the moment of a newer one
        for key, (problems, since) in zip(keys, wrong, strict=True):
            if key not in self._moments:
                moment = since.replace(microsecond=0)
                moment = min(moment, last) if last else moment
                while moment in taken:
                    moment -= timedelta(seconds=1)
                self._moments[key] = last = moment
                taken.add(moment)
            yield problems, self._moments[key]

    def _feed(self, entries: Sequence[Element], now: datetime) -> bytes:
        publication = self._publication
        feed = Element("feed", {"xmlns": _ATOM, "xml:lang": spoken(self._language)})
        _child(feed, "id", f"tag:{publication.tag}:problems")
        _child(feed, "title", around("feed-title", self._language, title=publication.title))
        _child(feed, "updated", _stamp(now))
        link = {"rel": "self", "type": "application/atom+xml", "href": _PLACE}
        SubElement(feed, "link", link)
        _child(SubElement(feed, "author"), "name", publication.author)
        feed.extend(entries)
        return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))

    def _entry(self, found: Sequence[Problem], since: datetime) -> Element:
        first = found[0]
        digest = hashlib.sha256("\0".join(_name(first)).encode()).hexdigest()
        entry = Element("entry")
        _child(entry, "id", f"tag:{self._publication.tag}:problems/{digest}")
        word = "asked" if first.code == _REQUEST else first.state
        _child(entry, "title", f"{first.file}: {around(f'feed-{word}', first.language)}")
        _child(entry, "updated", _stamp(since))
        _child(entry, "content", "".join(self._html(found))).set("type", "html")
        return entry

    def _html(self, found: Sequence[Problem]) -> Iterator[str]:
        for problem in found:
            line = quoted(self._folder, problem)
            yield f"<p>{escape(problem.message)}</p>"
            yield f"<pre>{escape(line)}</pre>" if line else ""


def _child(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = sifted(text)
    return child


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
