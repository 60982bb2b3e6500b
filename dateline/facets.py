"""By what do feeds select entries?

A facet is `category`, `author`, `kind` or `language`; its values are case-folded. A language
has a value for itself and for each that it is a kind of: `zh-hant` and `zh`.
"""

from __future__ import annotations

from dateline.model import Feed, Story


def facets(story: Story) -> dict[str, frozenset[str]]:
    """Give the values of each facet of a story."""
    subtags = story.language.split("-")
    values = {
        "category": story.categories,
        "author": story.authors,
        "kind": (story.kind,),
        "language": tuple("-".join(subtags[: n + 1]) for n in range(len(subtags))),
    }
    return {facet: _folded(names) for facet, names in values.items()}


def wanted(feed: Feed) -> dict[str, frozenset[str]]:
    """Give the facets that a feed asks for: an entry needs one value of each."""
    values = {
        "category": feed.categories,
        "author": feed.authors,
        "kind": feed.kinds,
        "language": (feed.language,) if feed.language else (),
    }
    return {facet: _folded(names) for facet, names in values.items() if names}


def takes(feed: Feed, story: Story) -> bool:
    """Say whether a story belongs in a feed."""
    has = facets(story)
    return all(has[facet] & values for facet, values in wanted(feed).items())


def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
