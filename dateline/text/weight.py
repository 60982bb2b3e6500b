"""Size of an entry as feeds write it, which may be nine times that of its text.

A `&` of the text is `&amp;` in HTML and `&amp;amp;` in RSS and Atom. The size is an upper bound
for all formats, so that a feed has the same entries in each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from html import escape
from typing import TypeVar

from dateline.model import Entry, Story
from dateline.system.memo import MANY, memoised

LARGEST = 2_000_000  # bytes of a document: some readers read no more than five
HEAVY = LARGEST // 4  # reported to staff, since a feed shows more than one
_ROOM = 1_900_000  # bytes for entries: a feed has its own titles and links, and what was withdrawn
_LEAST = 2_000  # bytes of an entry beside its texts: its ids, moments and elements
_SHORT = 8_000  # bytes of one without its text: it has the first sentences twice

# Fields of a story that a feed does not write, or not in this form; every other text is counted.
_NOT_COUNTED = frozenset(
    {"path", "html", "language", "editor", "translation_of", "correction", "retraction", "id"}
)
_COUNTED = [field for field in fields(Story) if field.name not in _NOT_COUNTED]
_TEXTS = [field.name for field in _COUNTED if field.type in {"str", "str | None"}]
_OF_FILES = ("url", "title", "alt", "caption", "credit")
_LISTS = [field.name for field in _COUNTED if field.type == "tuple[str, ...]"]

_Key = TypeVar("_Key")


def weight(story: Story, corrections: Collection[str] = ()) -> int:
    """Return the bytes that an entry takes at most, in any format of a feed."""
    return _LEAST + _written(story.html) + _beside(story, corrections)


def fitting(
    shown: Mapping[_Key, Entry], kept: Collection[_Key]
) -> tuple[dict[_Key, Entry], frozenset[str]]:
    """Return the entries that a document has room for, and the ids of those without their text.

    Those that are `kept` are always there: the heaviest give up their texts until all fit. Of the
    others, in their order, there are as many as fit whole.
    """
    weights = {key: _of(entry) for key, entry in shown.items()}
    shortened = _shortened({key: weights[key] for key in kept if key in shown}, shown)
    left = _ROOM - sum(
        _short(shown[key]) if key in shortened else weights[key] for key in kept if key in shown
    )
    found = {}
    for key, entry in shown.items():
        left -= 0 if key in kept else weights[key]
        if key in kept or left >= 0:
            found[key] = entry
    return found, frozenset(shown[key].id for key in shortened)


def too_heavy(entries: Collection[Entry]) -> frozenset[str]:
    """Return the ids of the entries that no document has room for."""
    return frozenset(entry.id for entry in entries if _of(entry) > _ROOM)


def _shortened(weights: Mapping[_Key, int], shown: Mapping[_Key, Entry]) -> set[_Key]:
    total, found = sum(weights.values()), set[_Key]()
    for key in sorted(weights, key=lambda key: (-weights[key], shown[key].id)):
        if total <= _ROOM:
            break
        found.add(key)
        total -= weights[key] - _short(shown[key])
    return found


@memoised(lambda entry: len(entry.story.html), most=MANY)
def _of(entry: Entry) -> int:
    return weight(entry.story, [one.text for one in entry.corrections])


def _short(entry: Entry) -> int:
    return _SHORT + _beside(entry.story, [one.text for one in entry.corrections])


def _beside(story: Story, corrections: Collection[str]) -> int:
    """Return the bytes of all texts but the body; most stand twice, and in HTML among the rest."""
    files = [*story.attachments, *([story.image] if story.image else [])]
    texts = [getattr(story, name) or "" for name in _TEXTS]
    texts += [text for name in _LISTS for text in getattr(story, name)]
    texts += corrections
    texts += [getattr(file, name) for file in files for name in _OF_FILES]
    # All at once: each byte counts by itself.
    return 2 * _written(escape("".join(texts))) + 100 * sum(map(bool, texts))


def _written(text: str) -> int:
    """Return the bytes of a text where it takes most: XML escapes `&<>`, JSON quotes and lines."""
    in_xml = 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
    return len(text.encode()) + in_xml + sum(map(text.count, '"\\\n'))
