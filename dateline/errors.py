"""In which ways can publishing fail, and what is staff told?

::

    DatelineError
    ├── ConfigError       config.toml cannot be used; carries every fault at once
    ├── IntakeError       the entries folder cannot be looked at
    ├── EntryError        one entry file cannot be published as it stands
    ├── DateError         a text is not read as a date, and why (see `dateline.entries.dates`)
    ├── MediaError        a picture or an attachment cannot be published
    ├── TomlError         a text is not TOML, and where it stops being so
    ├── TemplateError     a template of the newsroom's own cannot be rendered
    ├── FetchError        somebody outside was not reached
    ├── LedgerError       the ledger cannot be opened, or is another release's
    ├── RecoveryError     what was published cannot be known from anything that is left
    └── StoreError        a document could not be brought safely to disk

A `Problem` is a value, not an exception: problems of many files are collected, one
bad file stops nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dateline.messages import CATALOGUE, say
from dateline.messages.values import Value

# What is said with one code about one text: more would bury the rest, and help nobody.
MOST_OF_A_KIND = 20


class State(StrEnum):
    """What happens to a file (`docs/entries.md`, "What happens to a file")."""

    ACCEPT = "accept"
    WARN = "warn"
    HOLD = "hold"
    WAIT = "wait"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to say about one file, in staff's words.

    `code` is a key of `dateline.messages.CATALOGUE`, which fixes the state and the
    wording; `line` counts from 1, and is None where the whole file is meant. `language` is
    the newsroom's, which a report knows (`dateline.publish.notify.report`).

    >>> Problem(code="date-missing", file="a.toml", wanted="2026-11-25").message
    'The date is missing. Add a line: date = 2026-11-25.'
    """

    code: str
    file: str
    line: int | None = None
    field: str | None = None
    found: Value = ""
    wanted: Value = ""
    language: str = "en"

    @property
    def state(self) -> State:
        """What this problem alone does to its file."""
        return State(CATALOGUE[self.code].state)

    @property
    def message(self) -> str:
        """One plain sentence or two: where, what, and what to type instead."""
        return say(
            self.code,
            self.language,
            line=self.line,
            field=self.field or "",
            found=self.found,
            wanted=self.wanted,
        )

    def as_json(self) -> dict[str, str | int | None]:
        """Give the object that `check --json` prints for this problem."""
        return {
            "file": self.file,
            "state": self.state.value,
            "line": self.line,
            "code": self.code,
            "message": self.message,
        }


class DatelineError(Exception):
    """Anything that keeps Dateline from doing what it was asked."""


class ConfigError(DatelineError):
    """`config.toml` cannot be used. `faults` has one line for each thing to mend."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class IntakeError(DatelineError):
    """The entries folder, or a folder in it, cannot be looked at."""


class EntryError(DatelineError):
    """An entry file cannot be published as it stands, for the reasons in `problems`."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


class DateError(DatelineError):
    """A text that is not read as a date.

    `kind` names the reason in one hyphenated word (`no-year`, `two-dates`, …); the
    message of the problem `date-<kind>` asks the question to answer.
    """

    def __init__(self, kind: str, *, found: Value, wanted: Value = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.found = found
        self.wanted = wanted

    def as_problem(self, field: str, language: str) -> Problem:
        """Give the question to answer, asked of the field that was read."""
        return Problem(
            code=f"date-{self.kind}",
            file="",
            field=field,
            found=self.found,
            wanted=self.wanted,
            language=language,
        )


class MediaError(DatelineError):
    """A picture or an attachment that cannot be published.

    `code` is a key of `dateline.messages.CATALOGUE`; `found` is the file's name.
    """

    def __init__(self, code: str, *, found: str) -> None:
        super().__init__(f"{code}: {found}")
        self.code = code
        self.found = found


class TomlError(DatelineError):
    """A text that is not TOML. `line` and `column` count from 1; `reason` is the parser's."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


class TemplateError(DatelineError):
    """A template of the newsroom's own cannot be rendered; the pages from before stay.

    `line` counts from 1, and is 0 where it is not known; `reason` is the end of a sentence.
    """

    def __init__(self, template: str, line: int, reason: str) -> None:
        super().__init__(template, line, reason)
        self.template = template
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        where = f"{self.template}, line {self.line}" if self.line else self.template
        return f"The newsroom's own templates ([look] templates), {where}: {self.reason}."


class FetchError(DatelineError):
    """Somebody outside did not answer, or not as hoped. Its text fits into a sentence.

    `status` is what was answered, or 0; `retry_after` the field of that name (RFC 9110,
    section 10.2.3), or empty. `private` names the machine (`HOST` or `HOST:PORT`) that was not
    asked because its address is private, or is empty.
    """

    def __init__(
        self, reason: str, *, status: int = 0, retry_after: str = "", private: str = ""
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after
        self.private = private


class LedgerError(DatelineError):
    """The ledger cannot be opened, or was written by a newer release."""


class RecoveryError(DatelineError):
    """What was published cannot be known from anything that is left."""


class StoreError(DatelineError):
    """A document could not be brought safely to disk; the old one is still there."""
