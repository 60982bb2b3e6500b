"""What are readers told of a correction or a retraction, in the language of the entry?"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace

from dateline.model import Correction, Entry, Story

CORRECTION: Mapping[str, str] = {
    "ar": "تصحيح",
    "en": "Correction",
    "es": "Corrección",
    "fr": "Correction",
    "ru": "Исправление",
    "zh": "更正",
}
RETRACTION: Mapping[str, str] = {
    "ar": "سحب",
    "en": "Retraction",
    "es": "Retractación",
    "fr": "Rétractation",
    "ru": "Отзыв публикации",
    "zh": "撤稿",
}
CANCELLATION: Mapping[str, str] = {
    "ar": "إلغاء",
    "en": "Cancellation",
    "es": "Cancelación",
    "fr": "Annulation",
    "ru": "Отмена",
    "zh": "取消",
}
RETRACTED: Mapping[str, str] = {
    "ar": "سُحب",
    "en": "Retracted",
    "es": "Retractado",
    "fr": "Rétracté",
    "ru": "Отозвано",
    "zh": "已撤稿",
}
CANCELLED: Mapping[str, str] = {
    "ar": "أُلغي",
    "en": "Cancelled",
    "es": "Cancelado",
    "fr": "Annulé",
    "ru": "Отменено",
    "zh": "已取消",
}
WHOLE: Mapping[str, str] = {
    "ar": "النص الكامل",
    "en": "The whole text",
    "es": "El texto completo",
    "fr": "Le texte intégral",
    "ru": "Полный текст",
    "zh": "全文",
}
_COLON: Mapping[str, str] = {"fr": "\N{NO-BREAK SPACE}:", "zh": "\N{FULLWIDTH COLON}"}


def word(words: Mapping[str, str], language: str) -> str:
    """Give the word in a language, or in English."""
    return words.get(language.partition("-")[0], words["en"])


def taken_back(story: Story) -> str:
    """Give the word for what is retracted: an event is cancelled."""
    return word(CANCELLATION if story.event else RETRACTION, story.language)


def label(language: str, *, is_event: bool) -> str:
    """Return the word that stands before the title of what is retracted, with its colon.

    >>> label("en", is_event=False), label("zh-Hant", is_event=True)
    ('Retracted:', '已取消：')
    """
    colon = _COLON.get(language.partition("-")[0], ":")
    return f"{word(CANCELLED if is_event else RETRACTED, language)}{colon}"


def headline(entry: Entry) -> str:
    """Return the title of an entry wherever it stands for the entry: in feeds, lists and metadata.

    What is retracted says so first (as NISO RP-45-2024 has it): a claim that was taken back
    must not be read as one that is made.
    """
    story = entry.story
    if not entry.retracted:
        return story.title
    return f"{label(story.language, is_event=bool(story.event))} {story.title}"


def part_of(entry: Entry, part: int) -> Entry | None:
    """Give what a feed shows of an entry: itself (0), its correction n, its retraction (-1).

    A correction is an entry of its own in a feed of corrections, with an id and a moment of
    its own and the page of what it corrects; None where it was never said.
    """
    if part == 0:
        return entry
    if part < 0:
        said = entry.retracted and Correction(moment=entry.retracted, text=entry.story.retraction)
    else:
        said = entry.corrections[part - 1] if part <= len(entry.corrections) else None
    if not said:
        return None
    label = taken_back(entry.story) if part < 0 else word(CORRECTION, entry.story.language)
    story = replace(
        entry.story,
        title=f"{label}: {entry.story.title}",
        html=f"<p>{html.escape(said.text, quote=False)}</p>",
        summary="",
        image=None,
        attachments=(),
        inline=(),
        event=None,
        place="",
        expires=None,
    )
    return replace(
        entry,
        story=story,
        id=part_id(entry.id, part),
        published=said.moment,
        updated=said.moment,
        corrections=(),
        retracted=None,
    )


def part_id(entry_id: str, part: int) -> str:
    """Give the id of what a feed shows of an entry."""
    if part == 0:
        return entry_id
    return f"{entry_id}/retraction" if part < 0 else f"{entry_id}/correction/{part}"
