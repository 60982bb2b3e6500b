"""The names and values of an entry file's fields, and what is wrong with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from dateline.entries import fields
from dateline.entries.fields import (
    BODY_TEXT,
    DATES,
    FIELDS,
    FILES,
    LISTS,
    NAMES,
    REQUIRED,
    FieldType,
)
from dateline.entries.parse import file_tables, kept_back, repairs
from dateline.entries.parse.field_lines import FieldLines
from dateline.entries.parse.recover import twice
from dateline.entries.parse.statements import statements
from dateline.entries.parse.suggestions import TEXTS, line_with, suggested_line
from dateline.entries.parse.syntax_errors import misread
from dateline.errors import MOST_OF_A_KIND, Problem
from dateline.messages import shown
from dateline.messages.values import Value, phrase
from dateline.text.expressions import regex

# An address in a link or a picture of the body that no reader can open: on a disk, a script. One
# pattern for each form, with characters that every text of that form has.
_PLACE = r"""(?P<place>(?:\\\\|(?!https?:|mailto:|tel:)[A-Za-z][A-Za-z0-9+.-]*:)[^)\s>"']+)"""
_NO_LINK = tuple(
    (characters, regex(before + _PLACE, re.IGNORECASE | re.MULTILINE))
    for characters, before in (
        ("](", r"(?:(?P<picture>!)\[[^\[\]\n]*)?\]\(\s*<?"),
        ("]:", r"^\[[^\]\n]+\]:\s*<?"),
        ("<", r"<(?:a\b[^<>]*\bhref|(?P<picture>img)\b[^<>]*\bsrc)=[\"']"),
    )
)
# Not one that is shown as it is, after a backslash or in code.
_NO_PLACE = regex(
    r"(?<![\\`])<(?P<name>iframe|script|object|embed|video|audio|form|svg|math|textarea"
    r"|[a-z][a-z0-9]*(?:-[a-z0-9]+)+(?=\s[^<>=]*=[^<>]*>[ \t]*</))\b",
    re.IGNORECASE,
)
# Signs of a site's program: `[vc_row width="1/2"] … [/vc_row]`, `*|FNAME|*`.
_SHORTCODE = regex(
    r"(?<![\\`])(?P<place>\[/[a-z][\w-]*\](?![(\[])"
    r"|\[[a-z][\w-]* +[\w-]+=[\"'“”][^\[\]\n]*\](?![(\[])"
    r"|\*\|[A-Z][A-Z0-9_:]*\|\*)"
)

_MOST_COMPARED = 1000  # names of a file, with those of fields: that takes long
_MOST_UNKNOWN = 100  # that are reported
# Faults of a name, with the field that was meant.
_MISSPELT = frozenset({"field-misspelt", "key-letters"})

# The TOML types that a field may have, and the code for any other.
_TOML_TYPES: Mapping[FieldType, tuple[Collection[type], str]] = {
    "line": ({str}, "field-not-text"),
    "text": ({str}, "field-not-text"),
    "texts": ({str, list}, "field-not-text"),
    "list": ({list}, "field-not-list"),
    "files": ({list}, "field-not-list"),
    "date": ({str, date, datetime, time, int, float}, "field-not-date"),
    "flag": ({bool}, "draft-not-bool"),
}
_TYPES = {field.name: _TOML_TYPES[field.type] for field in FIELDS}


def known_fields(table: Mapping[str, object]) -> dict[str, object]:
    """Return the value of each field, by its canonical name."""
    known = {
        meant: value for name, value in table.items() if (meant := fields.canonical_name(name))
    }
    for name in LISTS & known.keys():
        if isinstance(text := known[name], str) and (names := repairs.listed(name, text)):
            known[name] = names
    for name in FILES.keys() & known.keys():
        if isinstance(files := known[name], list):
            known[name] = file_tables.known_keys(name, files)
    if isinstance(written := known.get("draft"), str):
        truth = repairs.truth(written)
        known["draft"] = written if truth is None else truth
    return known


@dataclass(slots=True, kw_only=True)
class FieldChecks:
    """The names and values of a text, and the problems with them."""

    path: str
    text: str
    table: dict[str, object]
    known: Mapping[str, object]
    lines: FieldLines
    problems: list[Problem] = field(default_factory=list)
    _reported: Counter[tuple[str, str]] = field(default_factory=Counter)
    _spelt: dict[str, str] = field(default_factory=dict)  # the first spelling of each field

    def check(self, now: datetime) -> None:
        """Report every fault, and every value that was read otherwise than written.

        The day of `now`, in the zone of the publication, is the example for a missing date.
        """
        if self._has_section():
            return
        today = now.date()
        others = (name for name in self.table if name not in NAMES)
        for number, name in enumerate(others):
            self._check_name(name, now, is_compared=number < _MOST_COMPARED)
        self._check_needed(today)
        self._check_types(today)
        self._check_files()
        self._check_draft()
        self._check_lists()
        self._check_order()
        self._check_backslashes()
        self._check_body()

    def readable(self, faults: Collection[Problem]) -> dict[str, object]:
        """Return the values that can be judged, those of misspelt fields by the name meant.

        A body is judged whatever was found in its text.
        """
        wrong = {problem.field for problem in faults} - {"body"}
        misspelt = [one for one in faults if one.code in _MISSPELT and one.wanted not in self.known]
        meant = {one.field: str(one.wanted) for one in misspelt}
        table = {
            name if name in self.known else meant.get(shown(name), name): value
            for name, value in self.table.items()
        }
        return {
            name: value
            for name, value in known_fields(table).items()
            if name not in wrong and self._is_readable(name, value)
        }

    def lines_with_meant(self, faults: Collection[Problem]) -> Mapping[str, int]:
        """Return the lines of the fields, those of misspelt fields by the name meant, too."""
        meant = {str(one.wanted): one.line for one in faults if one.code in _MISSPELT and one.line}
        return {**meant, **self.lines}

    def _is_readable(self, name: str, value: object) -> bool:
        if name in FILES and isinstance(value, list):
            return not any(file_tables.faults(name, value, self.lines))
        return _has_type(name, value)

    def _line(self, name: str) -> int:
        return self.lines.get(name, 0)

    def _report(
        self,
        code: str,
        name: str,
        *,
        line: int | None = None,
        found: Value = "",
        wanted: Value = "",
    ) -> None:
        """Report a problem; of those with one code, `MOST_OF_A_KIND` on a field."""
        self._reported[code, name] += 1
        if self._reported[code, name] > MOST_OF_A_KIND:
            return
        problem = Problem(
            code=code,
            file=self.path,
            line=line or self.lines.get(name),
            field=shown(name),
            found=found,
            wanted=wanted,
        )
        self.problems.append(problem)

    def _has_section(self) -> bool:
        """Report fields that belong to a section because they stand below its name."""
        for number, (name, value) in enumerate(self.table.items()):
            if isinstance(value, str):
                continue
            section = value[0] if isinstance(value, list) and value else value
            if number < _MOST_COMPARED and file_tables.is_section_of_files(name, section):
                if not self._head(name).startswith("["):
                    continue
                self._report("field-misspelt", name, wanted=fields.nearest(name, ()))
            elif fields.canonical_name(name) in FILES:
                continue
            elif isinstance(section, dict) and NAMES & section.keys():
                self._check_section(name, section)
            if self.problems:
                return True
        return False

    def _check_section(self, name: str, section: Mapping[str, object]) -> None:
        found = self.lines.within.get(name, {})
        if not (fields.canonical_name(name) or fields.nearest(name, ())) and self._is_first(name):
            self._report("section", name, found=self._head(name))
            return
        for inner, line in found.items():
            if inner in NAMES:
                wanted = _instead(name, section)
                self._report(
                    "section-swallows", inner, line=line, found=f"[{shown(name)}]", wanted=wanted
                )
                return
        if not found:  # "1. title = …"
            self._report("field-misspelt", name, wanted=min(NAMES & section.keys()))

    def _is_first(self, name: str) -> bool:
        return next(iter(self.table)) == name and self._head(name).startswith("[")

    def _head(self, name: str) -> str:
        """Return the line on which a section begins."""
        return shown(self.lines.text_of(self._line(name)).strip())

    def _check_name(self, name: str, now: datetime, *, is_compared: bool) -> None:
        """Report a name that is no field: another spelling, a typing error, or unknown."""
        meant = fields.canonical_name(name)
        lookalike, letter = fields.look_alike(name)
        if meant and (meant in self.table or self._is_second(name, meant)):
            first, second = sorted((self._line(meant), self._line(name)))
            self.problems.append(twice(self.path, meant, first, second))
        elif meant:
            self._report("key-read", meant, line=self._line(name), found=shown(name), wanted=meant)
        elif lookalike:
            self._report("key-letters", name, found=_foreign(letter), wanted=lookalike)
        elif near := self._nearest(name, now, is_compared=is_compared):
            self._report("field-misspelt", name, wanted=near)
        elif len(self.problems) < _MOST_UNKNOWN and self._is_last_but_body(name):
            self._report("field-unknown", name)

    def _nearest(self, name: str, now: datetime, *, is_compared: bool) -> str:
        line = kept_back.instead(name, self.known, self.table[name], now)
        return line or (fields.nearest(name, self.known) if is_compared else "")

    def _is_second(self, name: str, meant: str) -> bool:
        if not self._spelt:
            for other in self.table:
                self._spelt.setdefault(fields.canonical_name(other), other)
        return self._spelt[meant] != name

    def _is_last_but_body(self, name: str) -> bool:
        """Return whether an unknown field is above the body; below, its place is the problem."""
        return "body" not in self.known or self._line(name) < self._line("body")

    def _check_needed(self, today: date) -> None:
        """Report each required field that is missing or empty, and not misspelt either."""
        meant = {problem.wanted for problem in self.problems}
        for name in REQUIRED:
            value = self.known.get(name, "")
            if isinstance(value, str) and not value.strip() and name not in meant:
                code = f"{name}-empty" if name in self.known else f"{name}-missing"
                wanted = today.isoformat() if name == "date" else ""
                self._report(code, name, wanted=wanted)

    def _check_types(self, today: date) -> None:
        for name, value in self.known.items():
            if not _has_type(name, value):
                code, written = _TYPES[name][1], _as_text(value)
                wanted = today.isoformat() if name in DATES else _line_to_type(name, value)
                self._report(code, name, found=shown(written), wanted=wanted)

    def _check_files(self) -> None:
        """Report what a file in a list cannot have, and what it lacks."""
        for name, written in self.table.items():
            meant = fields.canonical_name(name)
            if meant not in FILES or not isinstance(written, list):
                continue
            for fault in file_tables.faults(name, written, self.lines):
                self._report(
                    fault.code,
                    meant,
                    line=fault.line,
                    found=shown(fault.found),
                    wanted=fault.wanted,
                )

    def _check_draft(self) -> None:
        """Report that `draft = "yes"` was read as true."""
        if self.known.get("draft") is None:
            return
        written = next(
            v for name, v in self.table.items() if fields.canonical_name(name) == "draft"
        )
        if isinstance(written, str) and isinstance(self.known["draft"], bool):
            wanted = str(self.known["draft"]).lower()
            self._report("draft-read", "draft", found=shown(written), wanted=wanted)

    def _check_lists(self) -> None:
        """Report that a text with commas was read as a list."""
        for name, written in self.table.items():
            meant = fields.canonical_name(name)
            if meant not in LISTS or not isinstance(written, str):
                continue
            if isinstance(names := self.known[meant], list):
                wanted = line_with(meant, *names)
                self._report(
                    "list-read", meant, line=self._line(name), found=shown(written), wanted=wanted
                )

    def _check_order(self) -> None:
        """Hold a field after the body: a file that was cut off is known by its end."""
        if "body" not in self.known or fields.canonical_name(next(reversed(self.table))) == "body":
            return
        body = self._line("body")
        late = [(at, name) for name, at in self.lines.items() if at > body and name != BODY_TEXT]
        if late:
            head = self._head(name := min(late)[1])
            is_section = head.startswith("[") and fields.canonical_name(name) not in FILES
            code, found = ("section", head) if is_section else ("field-after-body", "")
            self._report(code, name, found=found)

    def _check_backslashes(self) -> None:
        r"""Report texts in which a `\` silently became another character."""
        if "\\" not in self.text:
            return
        for statement in statements(self.text):
            if statement.kind == "field" and (fault := misread(statement)):
                self._report(
                    fault.code,
                    fault.field,
                    line=fault.line,
                    found=fault.found,
                    wanted=fault.wanted,
                )

    def _check_body(self) -> None:
        """Report what a body cannot show: addresses on a computer, scripts and embedded media."""
        text = self.text
        if not isinstance(self.known.get("body"), str):
            return
        start = text.find("body")
        for characters, places in _NO_LINK:
            if characters in text:
                self._report_in_body("body-link-lost", places.finditer(text, start), "place")
        if "id" not in self.known and ("[" in text or "|*" in text):  # an import names them itself
            self._report_in_body("body-shortcode", _SHORTCODE.finditer(text, start), "place")
        if "<" in text:
            self._report_in_body("body-dropped", _NO_PLACE.finditer(text, start), "name")

    def _report_in_body(self, code: str, found: Iterable[re.Match[str]], group: str) -> None:
        """Report what was found, in the order of the text, each once and up to a limit."""
        reported: set[str] = set()
        line, at = 1, 0
        for one in found:
            what = f"<{one[group].lower()}>" if group == "name" else one[group]
            if what in reported:
                continue
            reported.add(what)
            line, at = line + self.text.count("\n", at, one.start(group)), one.start(group)
            is_picture = group == "place" and one.groupdict().get("picture")
            self._report(
                "body-picture-lost" if is_picture else code, "body", line=line, found=shown(what)
            )
            if len(reported) == MOST_OF_A_KIND:
                return


def _has_type(name: str, value: object) -> bool:
    """Return whether a value has a TOML type that its field may have."""
    inside = str | dict if name in FILES else str
    return type(value) in _TYPES[name][0] and (
        not isinstance(value, list) or all(isinstance(one, inside) for one in value)
    )


def _as_text(value: object) -> str:
    """Return a value as the text that may have been meant."""
    if isinstance(value, list | dict):
        return ", ".join(map(_as_text, value.values() if isinstance(value, dict) else value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line_to_type(name: str, value: object) -> str:
    """Return the line to type for a value of another type."""
    if isinstance(value, list) and name in LISTS | TEXTS:
        return line_with(name, *map(_as_text, value), is_list=True)
    return (suggested_line if name in LISTS else line_with)(name, _as_text(value))


def _foreign(letter: str) -> Value:
    """Return a letter with the name of its alphabet."""
    alphabet = fields.alphabet(letter)
    if alphabet in {"Cyrillic", "Greek"}:
        return phrase(f"{alphabet.lower()}-letter", letter=letter)
    return f"{alphabet} {letter}"


def _instead(name: str, section: Mapping[str, object]) -> Value:
    """Return how to write a section of dates as one line."""
    if fields.canonical_name(name) not in DATES:
        return ""
    days = [str(value) for value in section.values() if isinstance(value, date)]
    span = "/".join(days[:2]) or "30 November - 3 December 2008"
    return phrase("as-one-line", line=f'{fields.canonical_name(name)} = "{span}"')
