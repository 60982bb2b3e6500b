"""The selection of entries for feeds.

A facet is `category`, `author`, `kind` or `language`; its values are case-folded, and in the form
in which names are compared where that differs. A language has a value for itself and for each that
it is a kind of: `zh-hant` and `zh`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from dateline.errors import Problem
from dateline.model import Feed, Story
from dateline.rules.taxonomy import term_slug
from dateline.text.characters import as_typed, comparable, seen

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import ReadResult

_SHORT = 4  # letters: shorter words are too much alike


def facets(story: Story) -> dict[str, dict[str, str]]:
    """Return the values of each facet of a story, and their spelling there."""
    return {
        facet: {comparable(name): name for name in names}
        | {name.casefold(): name for name in names}
        for facet, names in _values(story).items()
    }


def keys(name: str) -> tuple[str, str]:
    """Return the forms in which a ledger has a name: earlier releases had the first alone."""
    return name.casefold(), comparable(name)


def _values(story: Story) -> dict[str, tuple[str, ...]]:
    subtags = story.language.split("-")
    return {
        "category": story.categories,
        "author": story.authors,
        "kind": (story.kind,),
        "language": tuple("-".join(subtags[: n + 1]) for n in range(len(subtags))),
    }


def wanted(feed: Feed) -> dict[str, frozenset[str]]:
    """Return the facets that a feed asks for: an entry needs one value of each."""
    values = {
        "category": feed.categories,
        "author": feed.authors,
        "kind": feed.kinds,
        "language": (feed.language,) if feed.language else (),
    }
    return {
        facet: frozenset(key for name in names for key in keys(name))
        for facet, names in values.items()
        if names
    }


def takes(feed: Feed, story: Story) -> bool:
    """Return whether a story belongs in a feed."""
    has = facets(story)
    return all(not values.isdisjoint(has[facet]) for facet, values in wanted(feed).items())


def concerned(feeds: Iterable[Feed], stories: Iterable[Story]) -> list[Feed]:
    """Return the feeds that may select any of `stories`, or their corrections."""
    there: dict[str, set[str]] = {}
    for story in stories:
        for facet, names in facets(story).items():
            there.setdefault(facet, set()).update(names)
    return [
        feed
        for feed in feeds
        if there
        and all(
            there[facet] & values
            for facet, values in wanted(feed).items()
            if facet != "kind" or "correction" not in feed.kinds
        )
    ]


def misspelt(
    categories: Iterable[str], spellings: Mapping[str, str], selected: Collection[str] = ()
) -> dict[str, str]:
    """Return each category that differs from a known one by a letter or by case, with that one.

    `spellings` has every known category under the form in which names are compared. Those that
    look the same are the same if feeds have `selected` them, or if they have the same page.
    """
    found = {category: seen(_meant(category, spellings)) for category in categories}
    return {
        category: meant
        for category, meant in found.items()
        if meant and meant != category and not _is_same(category, meant, selected)
    }


def _is_same(category: str, meant: str, selected: Collection[str]) -> bool:
    """Return whether two categories look the same, and have one page or a feed for both."""
    if as_typed(meant) != as_typed(category):
        return False
    return comparable(category) in selected or term_slug(category) == term_slug(meant)


def near_categories(file: ReadResult, meant: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each category of a file that is among the misspelt ones."""
    for category in file.story.categories if file.story else ():
        if category in meant:
            yield Problem(
                code="category-near",
                file=file.path,
                line=file.lines.get("categories"),
                field="categories",
                found=category,
                wanted=meant[category],
            )


def _meant(category: str, spellings: Mapping[str, str]) -> str:
    folded = comparable(category)
    if folded in spellings:
        return spellings[folded]
    if len(folded) < _SHORT or any(one.isdecimal() for one in folded):
        return ""
    alike = [one for one in spellings if _is_near(folded, one)]
    return spellings[min(alike)] if alike else ""


def _is_near(one: str, other: str) -> bool:
    """Return whether two words differ by one letter, or by two that changed places.

    One pass is enough, however alike they are: a hundred new ones may meet thousands.
    """
    if not -1 <= len(one) - len(other) <= 1:
        return False
    pairs = enumerate(zip(one, other, strict=False))
    at = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    one, other = one[at:], other[at:]
    is_other_letter = one[1:] in {other, other[1:]} or one == other[1:]
    return is_other_letter or one == other[1::-1] + other[2:]
