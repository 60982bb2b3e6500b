"""The labels of corrections, retractions and cancellations, in the language of the entry."""

from __future__ import annotations

from collections.abc import Mapping

from dateline.model import Entry, Story

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
    """Return the word in a language, or in English."""
    return words.get(language.partition("-")[0], words["en"])


def taken_back(story: Story) -> str:
    """Return the label of a retraction: an event is cancelled."""
    return word(CANCELLATION if story.event else RETRACTION, story.language)


def label(language: str, *, is_event: bool) -> str:
    """Return the label before the title of a retracted entry, with its colon.

    >>> label("en", is_event=False), label("zh-Hant", is_event=True)
    ('Retracted:', '已取消：')
    """
    colon = _COLON.get(language.partition("-")[0], ":")
    return f"{word(CANCELLED if is_event else RETRACTED, language)}{colon}"


def headline(entry: Entry) -> str:
    """Return the title of an entry for feeds, lists and metadata.

    That of a retracted entry begins with the label (NISO RP-45-2024): a claim that was withdrawn
    must not be read as one that is made.
    """
    story = entry.story
    if not entry.retracted:
        return story.title
    return f"{label(story.language, is_event=bool(story.event))} {story.title}"
