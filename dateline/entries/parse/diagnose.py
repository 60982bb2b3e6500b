"""The faults of a text that cannot be read, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dateline.entries.fields import canonical_name, nearest
from dateline.entries.parse.statements import Statement
from dateline.entries.parse.suggestions import QUOTES, suggested_line
from dateline.entries.parse.syntax_errors import COLON, SyntaxFault, explained
from dateline.messages import shown

_ENOUGH = 3
# After these, the lines below are part of the same fault.
_SWALLOWING = frozenset({"body-one-quote", "body-ended", "section", "file-json"})


def faults(broken: Sequence[tuple[Statement, bool]]) -> Iterator[SyntaxFault]:
    """Yield the faults of a text's statements, each with True if it can be read.

    One fault is named once: lines that only follow from it are passed over.
    """
    if front := _front_matter(broken):
        yield front
        return
    count = 0
    follows = False
    body: Statement | None = None
    for (statement, stands), (after, _) in zip(broken, [*broken[1:], broken[-1]], strict=True):
        if stands or statement.kind == "blank":
            follows = follows and statement.kind == "blank"
            body = statement if canonical_name(statement.name) == "body" else body
        elif not (follows and statement.kind == "other"):
            yield (fault := _fault(statement, after, body))
            count += 1
            if count == _ENOUGH or statement.fault or fault.code in _SWALLOWING:
                return
            follows = True


def _fault(statement: Statement, after: Statement, body: Statement | None) -> SyntaxFault:
    """Return the fault of one statement, after the body, if that is over, and before a line."""
    if body and statement.kind == "other":
        if len(body.value.strip()) == len('""'):
            return SyntaxFault("body-one-quote", body.line, "body")
        return SyntaxFault("body-ended", statement.line, "body", shown(statement.text))
    fault = explained(statement)
    if fault.code == "quote-close-missing" and _goes_on(after):
        wanted = suggested_line(fault.field, f"{statement.value} {after.text}")
        return fault._replace(code="text-two-lines", wanted=wanted)
    return fault


def _goes_on(after: Statement) -> bool:
    """Return whether the line after one without a closing quote has it."""
    return after.kind == "other" and after.text.rstrip()[-1:] in {*QUOTES}


def _front_matter(broken: Sequence[tuple[Statement, bool]]) -> SyntaxFault | None:
    """Return the fault of a file that begins as those of other programs."""
    first = next((one for one, _ in broken if one.kind != "blank"), None)
    if first is None:
        return SyntaxFault("file-not-entry", 0)
    start = first.text.strip()
    if start in {"+++", "---"}:
        return SyntaxFault("front-matter", first.line, found=start)
    if start.startswith("```"):
        return SyntaxFault("front-matter", first.line, found="```")
    if start.startswith("{"):
        return SyntaxFault("file-json", first.line)
    if not any(canonical_name(one.name) or COLON.match(one.text) for one, _ in broken):
        names = {one.name for one, _ in broken if one.kind == "field"}
        is_named = any(nearest(name, ()) for name in names)
        return None if is_named else SyntaxFault("file-not-entry", 0)
    return None
