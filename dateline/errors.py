"""Exceptions as a tree, and the problems that staff read about.

::

    DatelineError
    ├── ConfigError       config.toml cannot be used; carries every fault at once
    ├── IntakeError       the entries folder cannot be read
    ├── SourceError       the source of entries cannot be reached, or not be used
    ├── EntryError        one entry file cannot be published as it stands
    ├── DateError         a text is not read as a date, with the reason (`dateline.entries.dates`)
    ├── MediaError        a picture or an attachment cannot be published
    ├── MarkupError       the HTML of a text would be far more than the text
    ├── TomlError         a text is not TOML, with the place of the fault
    ├── TemplateError     a template of the newsroom's own cannot be rendered
    ├── NotAskedError     nothing is held under the code that was allowed or kept
    ├── FetchError        a host did not answer, or not as expected
    ├── LedgerError       the ledger cannot be opened, or is of a newer release
    │   ├── RunAtWorkError    a run has it for longer than anybody waits
    │   ├── LeadershipError   another node of the cluster leads, so this one may not write
    │   └── LedgerAwayError   its database server cannot be reached at present
    ├── RecoveryError     what was published cannot be known from anything that is left
    └── StoreError        a document could not be brought safely to disk, or to a store
        ├── StoreAwayError    an object store cannot be reached at present, or refuses
        ├── OvertakenError    another process has written to an object store meanwhile
        └── EditionError      an edition in an object store is damaged, or not this publication's

A `Problem` is a value, not an exception: problems of many files are collected, one
bad file stops nothing else. A `RenderFault` is none of these: it is a fault of Dateline.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dateline.messages import CATALOGUE, say
from dateline.messages.values import Value

# Problems with one code about one text: more would bury the rest, and help nobody.
MOST_OF_A_KIND = 20

# What the system may refuse at any file: there is no right to it, the disk is read-only or full or
# fails, or a share does not answer.
REFUSALS = frozenset(
    getattr(errno, name, errno.EACCES)
    for name in [
        "EACCES",
        "EPERM",
        "EROFS",
        "EBUSY",
        "ENOSPC",
        "EDQUOT",
        "EIO",
        "ESTALE",
        "ENOTCONN",
        "ETIMEDOUT",
        "EHOSTDOWN",
        "EREMOTEIO",
        "EUCLEAN",
    ]
)


class State(StrEnum):
    """What happens to a file (`docs/entries.md`, "What happens to a file")."""

    ACCEPT = "accept"
    WARN = "warn"
    HOLD = "hold"
    WAIT = "wait"
    SKIP = "skip"


HELD = frozenset({State.HOLD, State.WAIT})  # what is not published as it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of one file, or one note about it, as a code with its parameters.

    `code` is a key of `dateline.messages.CATALOGUE`, which has the state, the wording, and the
    kinds of `found` and `wanted`; `line` counts from 1, and is None for the whole file.
    `language` is the newsroom's, which a report knows (`dateline.publish.notify.report`).

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
        """State that this problem alone puts its file in."""
        return State(CATALOGUE[self.code].state)

    @property
    def message(self) -> str:
        """One plain sentence or two: the place, the fault, and the text to type instead."""
        return say(
            self.code,
            self.language,
            line=self.line,
            field=self.field or "",
            found=self.found,
            wanted=self.wanted,
        )

    def as_json(self) -> dict[str, str | int | None]:
        """Return the object that `check --json` prints for this problem."""
        return {
            "file": self.file,
            "state": self.state.value,
            "line": self.line,
            "code": self.code,
            "message": self.message,
        }


class PostponedError(BaseException):
    """End of a run that compares all files, for news: like `asyncio.CancelledError`, no failure."""


class DatelineError(Exception):
    """Base of all errors that keep Dateline from doing what it was asked."""


class ConfigError(DatelineError):
    """Invalid `config.toml`. `faults` has one line for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class IntakeError(DatelineError):
    """Unreadable entries folder, or folder in it."""


class SourceError(DatelineError):
    """Source of entries that cannot be reached or used. Its text fits into a sentence."""


class EntryError(DatelineError):
    """Entry file that cannot be published as it stands, for the reasons in `problems`."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


class NotAskedError(DatelineError):
    """Code of an answer under which nothing is held now."""


class DateError(DatelineError):
    """Text that is not read as a date.

    `kind` names the reason in one hyphenated word (`no-year`, `two-dates`, …); the
    message of the problem `date-<kind>` asks the question to answer.
    """

    def __init__(self, kind: str, *, found: Value, wanted: Value = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.found = found
        self.wanted = wanted

    def as_problem(self, field: str, language: str) -> Problem:
        """Return the question to answer, about the field that was read."""
        return Problem(
            code=f"date-{self.kind}",
            file="",
            field=field,
            found=self.found,
            wanted=self.wanted,
            language=language,
        )


class MediaError(DatelineError):
    """Picture or attachment that cannot be published.

    `code` is a key of `dateline.messages.CATALOGUE`; `found` is the file's name.
    """

    def __init__(self, code: str, *, found: str) -> None:
        super().__init__(f"{code}: {found}")
        self.code = code
        self.found = found


class MarkupError(DatelineError):
    """Text of which far more HTML would come, or which takes too much time or memory."""

    def __init__(self) -> None:
        super().__init__("its HTML would be far more than the text")


class TomlError(DatelineError):
    """Text that is not TOML. `line` and `column` count from 1; `reason` is the parser's."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


class TemplateError(DatelineError):
    """Template of the newsroom's own that cannot be rendered; the earlier pages stay.

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
    """No answer, or an unexpected one, from another host. Its text fits into a sentence.

    `status` is the status code of the answer, or 0; `retry_after` the field of that name (RFC 9110,
    section 10.2.3), or empty. `private` names the host (`HOST` or `HOST:PORT`) that was not
    asked because its address is private, or is empty. What was sent `may_have_arrived` where the
    connection ended before an answer.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int = 0,
        retry_after: str = "",
        private: str = "",
        may_have_arrived: bool = False,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after
        self.private = private
        self.may_have_arrived = may_have_arrived


class LedgerError(DatelineError):
    """Ledger that cannot be opened, or was written by a newer release."""


class RunAtWorkError(LedgerError):
    """Ledger that a run has had `since` a moment, for longer than anybody waits."""

    def __init__(self, since: datetime) -> None:
        super().__init__("A run is at work. Try again when it is done.")
        self.since = since


class LeadershipError(LedgerError):
    """Write of a node that does not lead its cluster, or no longer does."""


class LedgerAwayError(LedgerError):
    """Ledger on a database server that cannot be reached, or takes no changes, at present."""


class RecoveryError(DatelineError):
    """Published entries that cannot be recovered from anything that is left."""


class StoreError(DatelineError):
    """Document that could not be written safely to disk; the old one is still there."""


class StoreAwayError(StoreError):
    """Object store that does not answer, or refuses to, at present."""


class EditionError(StoreError):
    """Edition in a store that is missing, damaged, or of another publication or release."""


class OvertakenError(StoreError):
    """Object that somebody else has written since it was listed; theirs is still there."""


class RenderFault(Exception):  # noqa: N818 - no error of anybody who uses Dateline
    """A fault of Dateline for which the entry of one file, at this path, cannot be rendered."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@contextmanager
def rendering(path: str) -> Iterator[None]:
    """Raise a `RenderFault` where the entry of a file cannot be rendered, for whatever reason.

    What concerns the machine, or the templates of all pages, is raised as it is.
    """
    try:
        yield
    except (DatelineError, OSError, MemoryError):
        raise
    except Exception as error:
        raise RenderFault(path) from error


def refused_file(error: Exception) -> str:
    """Return the sentence for a file that the system refuses; empty for any other error."""
    if not isinstance(error, OSError) or error.errno not in REFUSALS:
        return ""
    name = error.filename2 or error.filename
    return f"{os.fsdecode(name)}: {error.strerror}." if isinstance(name, str | bytes) else ""


def advice_on_disk(error: OSError) -> str:
    """Return what helps where a disk is read-only, as a sentence; empty for any other error."""
    if error.errno != errno.EROFS:
        return ""
    return " Have the disk mounted for writing, or name folders on another one under [paths]."
