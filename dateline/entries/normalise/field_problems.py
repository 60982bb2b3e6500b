"""The texts of one draft's fields, and the problems found in them."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import quote, unquote

from dateline.entries.fields import BODY_TEXT, DATES, MOST_TEXTS
from dateline.entries.parse.field_lines import line_key
from dateline.errors import HELD, MOST_OF_A_KIND, EntryError, Problem, State
from dateline.messages import shown
from dateline.messages.values import Value
from dateline.model import Draft
from dateline.text.characters import SPACES, clean_text, on_one_line
from dateline.text.expressions import regex
from dateline.text.language import near_language, tag_of

_WORDS = regex(r"\w+")
_TAG = regex(r"<[^<>]*>")
_TOLD = 3  # words that tell where a text stands


class NamedFile(NamedTuple):
    """A file in a list, and the line on which it stands; title and language may be empty."""

    line: int | None
    file: str
    title: str = ""
    language: str = ""


@dataclass(slots=True, kw_only=True)
class FieldProblems:
    """A draft, and the problems that were found in it so far."""

    draft: Draft
    problems: list[Problem] = field(default_factory=list)
    _reported: Counter[tuple[str, str]] = field(default_factory=Counter)
    _reported_in_body: dict[str, set[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a text as it stands, breaks as spaces; empty where it is absent."""
        written = self.draft.fields.get(name)
        return clean_text(str(written).translate(SPACES)).strip() if written is not None else ""

    def line(self, name: str) -> str:
        """Return a text on one line, with single spaces; empty where it is absent."""
        written = self.draft.fields.get(name)
        return on_one_line(str(written)) if written is not None else ""

    def names(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list, each once; two that differ in capitals are one."""
        written = self.draft.fields.get(name)
        found: dict[str, str] = {}
        for value in written if isinstance(written, list) else ():
            line = on_one_line(str(value))
            found.setdefault(line.casefold(), line)
        found.pop("", None)
        return self._limited(name, found.values())

    def files(self, name: str) -> tuple[NamedFile, ...]:
        """Return the files of a list of names and tables, those with an empty name left out."""
        written = self.draft.fields.get(name)
        found = []
        for number, value in enumerate(written if isinstance(written, list) else ()):
            table = value if isinstance(value, dict) else {"file": value}
            texts = {key: on_one_line(str(text)) for key, text in table.items()}
            if texts["file"]:
                line = self.draft.lines.get(line_key(name, number), self.draft.lines.get(name))
                found.append(NamedFile(line=line, **texts))
        return tuple(found)

    def tag(self, name: str, written: str, *, line: int | None = None) -> str | None:
        """Return the tag of the language that a field names, or None."""
        tag = tag_of(written)
        if tag is None:
            near = near_language(written)
            code = "language-misspelt" if near else "language-unknown"
            self.report(code, name, found=shown(written), wanted=near, line=line)
        elif tag.casefold() != written.casefold():
            self.report("language-read", name, found=shown(written), wanted=tag, line=line)
        return tag

    def lines(self, name: str) -> tuple[str, ...]:
        """Return the texts of a field that is one or a list, each once and on one line."""
        written = self.draft.fields.get(name)
        texts = written if isinstance(written, list) else [] if written is None else [written]
        found = (" ".join(clean_text(str(text)).split()) for text in texts)
        return self._limited(name, dict.fromkeys(filter(None, found)))

    def _limited(self, name: str, found: Collection[str]) -> tuple[str, ...]:
        """Return the texts of a list, no more than one may have."""
        if len(found) > MOST_TEXTS:
            self.report("list-too-long", name, found=str(len(found)))
        return tuple(found)[:MOST_TEXTS]

    def report(
        self,
        code: str,
        name: str,
        *,
        found: Value = "",
        wanted: Value = "",
        line: int | None = None,
    ) -> None:
        """Report a problem with the field `name`, unless that field was left out for a fault.

        No more than `MOST_OF_A_KIND` with one code are reported on a field.
        """
        if self.draft.faults and self._is_left_out(name):
            return
        self._reported[code, name] += 1
        if self._reported[code, name] > MOST_OF_A_KIND:
            return
        line = line or self.draft.lines.get(name)
        self.problems.append(
            Problem(
                code=code, file=self.draft.path, line=line, field=name, found=found, wanted=wanted
            )
        )

    def has_room(self, code: str, name: str) -> bool:
        """Return whether one more problem with this code may be reported on the field `name`."""
        return self._reported[code, name] < MOST_OF_A_KIND

    def _is_left_out(self, name: str) -> bool:
        """Return whether a field, or the language in which it is written, could not be read."""
        if name not in self.draft.fields:
            return True
        return name in DATES and any(fault.field == "language" for fault in self.draft.faults)

    def report_in_body(self, code: str, found: str, wanted: Value = "") -> None:
        """Report a problem on the line of the body on which `found` stands.

        Each is reported once, and no more than `MOST_OF_A_KIND` with one code.
        """
        reported = self._reported_in_body.setdefault(code, set())
        if found in reported or not self.has_room_in_body(code):
            return
        reported.add(found)
        line = self.line_in_body(found)
        body = str(self.draft.fields.get("body", ""))
        # Markdown quotes an address, and HTML what would be a tag.
        written = found if found in body else html.unescape(unquote(found))
        self.report(code, "body", found=shown(written), wanted=wanted, line=line)

    def has_room_in_body(self, code: str) -> bool:
        """Return whether one more problem with this code may be reported on the body."""
        return len(self._reported_in_body.get(code, ())) < MOST_OF_A_KIND

    def pass_on(self, problems: Sequence[Problem], name: str, line: int | None) -> None:
        """Report problems that were found elsewhere on the field `name`."""
        self.problems += [replace(problem, line=line, field=name) for problem in problems]

    def pass_on_in_body(self, problems: Sequence[Problem], found: str) -> None:
        """Report problems found elsewhere on the line of the body where `found` stands."""
        for problem in problems:
            if self.has_room_in_body(problem.code):
                self._reported_in_body.setdefault(problem.code, set()).add(found)
                self.pass_on([problem], "body", self.line_in_body(found))

    def line_in_body(self, found: str) -> int | None:
        """Return the line of the file on which `found` stands in the body."""
        text = str(self.draft.fields.get("body", ""))
        at = max(text.find(one) for one in (found, quote(found), unquote(found)))
        if at < 0 and (words := _WORDS.findall(found)[:_TOLD]):  # with tags between them
            plain = _TAG.sub(lambda tag: " " * len(tag[0]), text)
            place = re.search(r"\W*".join(map(re.escape, words)), plain)
            at = place.start() if place else at
        first = self.draft.lines.get(BODY_TEXT)
        return (
            first + text.count("\n", 0, at) if first and at >= 0 else self.draft.lines.get("body")
        )

    def is_held(self, name: str) -> bool:
        """Return whether a problem with the field `name` holds the entry."""
        return any(one.field == name and one.state in HELD for one in self.problems)

    def check(self) -> None:
        """Raise `EntryError` where a problem holds the entry."""
        if HELD & {problem.state for problem in self.problems}:
            raise EntryError(*(p for p in self.problems if p.state != State.ACCEPT))
