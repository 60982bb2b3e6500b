"""Is this file an entry, and if not, what would make it one?

A file becomes a `Draft`: each field that is known has the right TOML type, the needed ones
are there, the body is last. What the values mean is `dateline.normalise`'s question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from dateline import fields, repair
from dateline.causes import misread
from dateline.decode import decode
from dateline.errors import EntryError, Problem, State
from dateline.fields import BODY_TEXT, DATES, FIELDS, LISTS, NEEDED, TEXTS
from dateline.mend import Said, mend, twice
from dateline.messages import shown
from dateline.model import Draft, Source
from dateline.statements import lines, statements
from dateline.wanted import typed

# A place in a link or a picture of the body that no reader can go to: on a disk, a script. One
# pattern for each way to write it, with what stands in every text that is written so.
_PLACE = r"""(?P<place>(?:\\\\|(?!https?:|mailto:|tel:)[A-Za-z][A-Za-z0-9+.-]*:)[^)\s>"']+)"""
_NO_LINK = tuple(
    (sign, re.compile(before + _PLACE, re.IGNORECASE | re.MULTILINE))
    for sign, before in (
        ("](", r"\]\(\s*<?"),
        ("]:", r"^\[[^\]\n]+\]:\s*<?"),
        ("href=", r"<a\b[^<>]*\bhref=[\"']"),
        ("src=", r"<img\b[^<>]*\bsrc=[\"']"),
    )
)
_NO_PLACE = re.compile(
    r"<(?P<name>iframe|script|style|object|embed|video|audio|form|svg|math)\b", re.IGNORECASE
)


def parse(source: Source, *, today: date) -> Draft:
    """Read a file as an entry; `today` is what a missing date is asked for with.

    Raises `EntryError` with every problem that can be seen at once.
    """
    decoded = decode(source)
    page = _Page(path=source.path, said=mend(source, decoded.text))
    problems = [*page.problems(today), *page.said.notes]
    if any(problem.state == State.HOLD for problem in problems):
        raise EntryError(*(p for p in problems if p.state == State.HOLD))
    given = {name: value for name, value in page.known.items() if value not in ("", [])}
    return Draft(
        path=source.path,
        fields=given,
        lines=page.lines,
        notes=(
            *_name_note(source.path),
            *decoded.notes,
            *sorted(problems, key=lambda problem: problem.line or 0),
        ),
    )


def _name_note(path: str) -> Iterator[Problem]:
    if path.lower().endswith(".txt"):
        yield Problem(code="name-txt", file=path)


class _Lines(Mapping[str, int]):
    """The line of each field, looked for when it is first asked for: good files never ask."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getitem__(self, name: str) -> int:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for (name, *inner), line in lines(self._text).items():
            if not inner:
                found[name] = line
                found.setdefault(fields.same(name) or name, line)
        if "body" in found:
            found[BODY_TEXT] = found["body"] + self._opens_alone(found["body"])
        return found

    def _opens_alone(self, line: int) -> bool:
        """Say whether the quotes of the body stand alone on their line; TOML drops its end."""
        return self._text.split("\n")[line - 1].rstrip(" \t").endswith(('"""', "'''"))


@dataclass(kw_only=True)
class _Page:
    """What a text says, field by field, and what is wrong with that."""

    path: str
    said: Said

    lines: Mapping[str, int] = field(init=False)
    known: dict[str, object] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = _Lines(self.said.text)
        for name, value in self.said.table.items():
            # One that differs in capitals or hyphens is meant.
            if meant := fields.same(name):
                self.known[meant] = _softened(meant, value)

    def problems(self, today: date) -> list[Problem]:
        """Give everything that is wrong, and what was read otherwise than written."""
        if section := self._section():
            return [section]
        odd = [
            problem for name in self.said.table if name not in FIELDS for problem in self._odd(name)
        ]
        meant = {problem.wanted for problem in odd}
        mistyped = (self._mistyped(name, value) for name, value in self.known.items())
        return [
            *odd,
            *(self._missing(name, today) for name in NEEDED if self._lacks(name, meant)),
            *(problem for problem in mistyped if problem),
            *self._softly(),
            *self._after_body(),
            *self._misread(),
            *self._lost(),
        ]

    def _line(self, name: str) -> int:
        return self.lines.get(name, 0)

    def _say(self, code: str, name: str, *, found: str = "", wanted: str = "") -> Problem:
        line = self.lines.get(name)
        return Problem(
            code=code, file=self.path, line=line, field=shown(name), found=found, wanted=wanted
        )

    def _section(self) -> Problem | None:
        """Find fields that belong to a section, because they stand below its name."""
        for name, value in self.said.table.items():
            if isinstance(value, str):
                continue
            section = value[0] if isinstance(value, list) and value else value
            if not isinstance(section, dict) or not (FIELDS & section.keys()):
                continue
            found = {path: line for path, line in lines(self.said.text).items() if path[0] == name}
            if not (fields.same(name) or fields.nearest(name, ())) and self._is_first(name):
                return self._say("section", name, found=self._head(name))
            for (_, *inner), line in found.items():
                if inner and inner[0] in FIELDS:
                    said = self._say(
                        "section-swallows",
                        inner[0],
                        found=f"[{shown(name)}]",
                        wanted=_instead(name, section),
                    )
                    return replace(said, line=line)
            if not any(inner for _, *inner in found):  # "1. title = …"
                return self._say("field-misspelt", name, wanted=min(FIELDS & section.keys()))
        return None

    def _is_first(self, name: str) -> bool:
        return next(iter(self.said.table)) == name and self._head(name).startswith("[")

    def _head(self, name: str) -> str:
        """Give the line on which a section begins."""
        return shown(self.said.text.split("\n")[self._line(name) - 1].strip())

    def _odd(self, name: str) -> Iterator[Problem]:
        """Say what a name is that is not one of ours: another spelling, a slip, or none."""
        meant = fields.same(name)
        lookalike, letter = fields.look_alike(name)
        if meant and (meant in self.said.table or self._is_second(name, meant)):
            first, second = sorted((self._line(meant), self._line(name)))
            yield twice(self.path, meant, first, second)
        elif meant:
            yield replace(self._say("key-read", name, found=shown(name), wanted=meant), field=meant)
        elif lookalike:
            alphabet = f"{fields.alphabet(letter)} {letter}"
            yield self._say("key-letters", name, found=alphabet, wanted=lookalike)
        elif near := fields.nearest(name, self.known):
            yield self._say("field-misspelt", name, wanted=near)
        elif self._is_last_but_body(name):
            yield self._say("field-unknown", name)

    def _is_second(self, name: str, meant: str) -> bool:
        alike = [other for other in self.said.table if fields.same(other) == meant]
        return alike[0] != name

    def _is_last_but_body(self, name: str) -> bool:
        """Say whether an unknown field stands above the body; below, that is told instead."""
        return "body" not in self.known or self._line(name) < self._line("body")

    def _lacks(self, name: str, meant: set[str]) -> bool:
        """Say whether a needed field is not there, and not misspelt either."""
        return not str(self.known.get(name, "")).strip() and name not in meant

    def _missing(self, name: str, today: date) -> Problem:
        code = f"{name}-empty" if name in self.known else f"{name}-missing"
        return self._say(code, name, wanted=today.isoformat())

    def _mistyped(self, name: str, value: object) -> Problem | None:
        if name in TEXTS:
            code = "" if isinstance(value, str) else "field-not-text"
        elif name in LISTS:
            code = "" if _is_list_of_texts(value) else "field-not-list"
        elif name in DATES:
            code = "field-not-date" if isinstance(value, dict | list | bool) else ""
        else:
            code = "" if isinstance(value, bool) else "draft-not-bool"
        if not code:
            return None
        written = _as_text(value)
        return self._say(code, name, found=shown(written), wanted=typed(name, written))

    def _softly(self) -> Iterator[Problem]:
        """Say that `draft = "yes"` was read as true."""
        if self.known.get("draft") is None:
            return
        written = next(v for name, v in self.said.table.items() if fields.same(name) == "draft")
        if isinstance(written, str) and isinstance(self.known["draft"], bool):
            wanted = str(self.known["draft"]).lower()
            yield self._say("draft-read", "draft", found=shown(written), wanted=wanted)

    def _after_body(self) -> Iterator[Problem]:
        if "body" not in self.known or fields.same(next(reversed(self.said.table))) == "body":
            return
        body = self._line("body")
        late = [(at, name) for name, at in self.lines.items() if at > body and name != BODY_TEXT]
        if late:
            yield self._say("field-after-body", min(late)[1])

    def _misread(self) -> Iterator[Problem]:
        r"""Find texts in which a `\` quietly became another sign."""
        if "\\" not in self.said.text:
            return
        for statement in statements(self.said.text):
            if statement.kind == "field" and (fault := misread(statement)):
                said = self._say(fault.code, fault.field, found=fault.found, wanted=fault.wanted)
                yield replace(said, line=fault.line)

    def _lost(self) -> Iterator[Problem]:
        """Find what in the body cannot go out: places on a computer, and what only browsers run."""
        text = self.said.text
        if not isinstance(self.known.get("body"), str):
            return
        start = text.find("body")
        for sign, places in _NO_LINK:
            if sign in text:
                for found in places.finditer(text, start):
                    yield self._in_body("body-link-lost", found.start("place"), found["place"])
        if "<" in text:
            for found in _NO_PLACE.finditer(text, start):
                yield self._in_body("body-dropped", found.start(), f"<{found['name']}>")

    def _in_body(self, code: str, at: int, found: str) -> Problem:
        line = self.said.text.count("\n", 0, at) + 1
        return replace(self._say(code, "body", found=shown(found)), line=line)


def _softened(name: str, value: object) -> object:
    """Read a yes or no between quotes as one."""
    if name != "draft" or not isinstance(value, str):
        return value
    meant = repair.truth(value)
    return value if meant is None else meant


def _as_text(value: object) -> str:
    """Give a value as the text that may have been meant."""
    if isinstance(value, list | dict):
        return ", ".join(map(_as_text, value.values() if isinstance(value, dict) else value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _instead(name: str, section: Mapping[str, object]) -> str:
    """Say how to write a section of dates as one line."""
    if fields.same(name) not in DATES:
        return ""
    days = [str(value) for value in section.values() if isinstance(value, date)]
    span = "/".join(days[:2]) or "30 November - 3 December 2008"
    return f' and write it as one line, {fields.same(name)} = "{span}"'


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)
