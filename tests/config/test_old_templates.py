"""Templates that publishers wrote for an older release go on, or are refused with what to change.

Each folder of `tests/data/themes` has Dateline's templates of that release, as a publisher may have
copied and changed them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dateline.config.templates import broken
from dateline.errors import TemplateError
from dateline.model import Theme
from dateline.render.pages.trial import trial
from support.paths import DATA, ROOT
from support.samples import sample_feed, sample_publication

OLD = {
    folder.name: {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}
    for folder in sorted((DATA / "themes").iterdir())
}
# Each once, if two releases have the same; macros are tried below.
DISTINCT = {
    text: (release, name)
    for release, texts in OLD.items()
    for name, text in texts.items()
    if name != "parts.html"
}
FEEDS = (
    sample_feed(),
    sample_feed(name="fr", title="Tout", language="fr"),
    sample_feed(name="events", kinds=("event",)),
    sample_feed(name="topic", categories=("A",)),
)


def faults(**texts: str) -> list[str]:
    """Return the faults of a theme with these templates, as `dateline check` reports them."""
    named = tuple((f"{name}.html", text) for name, text in texts.items())
    theme = Theme(templates=named, digest=str(texts))
    found = [f"{name}, line {line}: {reason}" for name, line, reason in broken(theme)]
    if found:
        return found
    try:
        trial(replace(sample_publication(), theme=theme), FEEDS)
    except TemplateError as error:
        return [str(error)]
    return []


@pytest.mark.parametrize(("release", "name"), DISTINCT.values())
@pytest.mark.long
def test_a_template_of_an_old_release_goes_on(release: str, name: str) -> None:
    """Each value and macro that it uses is still there."""
    assert faults(**{Path(name).stem: OLD[release][name]}) == []


@pytest.mark.long
@pytest.mark.parametrize("release", OLD)
def test_all_templates_of_an_old_release_go_on_together(release: str) -> None:
    """A publisher who copied all of them keeps the look of that release."""
    assert faults(**{Path(name).stem: text for name, text in OLD[release].items()}) == []


@pytest.mark.long
def test_old_macros_get_those_that_they_lack() -> None:
    """A `parts.html` with one macro changes that one, and leaves Dateline's others."""
    own = "{% macro address(url, label) %}<b>{{ url }}</b>{% endmacro %}"

    assert faults(parts=own) == []


@pytest.mark.parametrize("release", OLD)
def test_an_old_macro_that_cannot_go_on_is_refused_with_what_to_change(release: str) -> None:
    """The message names the macro in the publisher's own file, and its parameters now."""
    (said,) = faults(parts=OLD[release]["parts.html"])

    assert re.search(
        r"parts\.html, line \d+: the macro in_language must take tag, path, is_current, as in "
        r'"dateline/parts\.html" of this release: change it, or take it out',
        said,
    )


def test_a_macro_that_is_no_more_is_refused_with_those_that_there_are() -> None:
    """The line is that of the publisher's own template."""
    own = '{% extends "dateline/list.html" %}\n{% from "parts.html" import old_row with context %}'

    (said,) = faults(list=own)

    assert said.startswith('list.html, line 2: parts.html has no macro "old_row"; it has address, ')


@pytest.mark.long
def test_the_examples_of_the_guide_go_on() -> None:
    """A template in `docs/look.md` can be saved as it is."""
    guide = (ROOT / "docs/look.md").read_text("utf-8")
    examples = re.findall(r"```jinja\n(.*?)```", guide, re.DOTALL)

    assert examples
    assert [faults(base=text) for text in examples] == [[] for _ in examples]
