"""The fields and the text of an entry file for an imported item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import unquote

from dateline.entries.fields import FIELD_LENGTH, TITLE_LENGTH
from dateline.entries.normalise import markdown
from dateline.entries.pasted import html_to_markdown
from dateline.importing.items import File, ImportedItem
from dateline.model import Publication, Span
from dateline.text import localise
from dateline.text.characters import clean_text, straight
from dateline.text.expressions import regex
from dateline.text.language import tag_of
from dateline.text.toml import Value
from dateline.text.urls import web_address

_DIRECTIONS = regex("[\u200e\u200f]")
_BESIDE = "x-dateline-beside:"  # marks names of files beside the entry while links are resolved
_TITLE_FROM_TEXT = 80  # characters at most
# A line that begins with a word and has no Markdown in it.
_WORDS = regex(r"^\w\w[^\[\]:]*$", re.MULTILINE)
_SEPARATOR = regex(r"[,|]")
_ALT = regex(r'<img [^<>]*?alt="([^"<>]+)"')
# Titles of items that have neither title nor text, with their day.
_PICTURE = {
    "ar": "صورة {}", "en": "Picture of {}", "es": "Imagen del {}", "fr": "Image du {}",
    "ru": "Изображение от {}", "zh": "{}的图片",
}  # fmt: skip
_FILE = {
    "ar": "ملف {}", "en": "File of {}", "es": "Archivo del {}", "fr": "Fichier du {}",
    "ru": "Файл от {}", "zh": "{}的文件",
}  # fmt: skip
_NEWS = {
    "ar": "خبر {}", "en": "News of {}", "es": "Noticia del {}", "fr": "Nouvelle du {}",
    "ru": "Новость от {}", "zh": "{}的消息",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The fields of an entry in their usual order, its text, and what was lost.

    An entry that `is_empty` has no words, picture, file or address: there is nothing to publish.
    """

    fields: Mapping[str, Value]
    body: str
    losses: tuple[str, ...]
    is_empty: bool = False


def compose(
    item: ImportedItem, names: Mapping[str, str], publication: Publication, now: datetime
) -> Composed:
    """Return the entry for an item that has a date or is a draft.

    `names` maps the addresses of its pictures and files to their names beside the entry; a file
    that is not among them stays at its own address.
    """
    losses = list(item.losses)
    text = _body(item, names)
    # Most texts are visible without being rendered.
    is_plain = bool(_visible(item.title)) and "<" not in text and bool(_WORDS.search(text))
    html = "" if is_plain else html_to_markdown.shown(text)
    visible = text if is_plain else _visible(markdown.to_text(html))
    # Nothing may be left of a text, for instance of a script, or of a picture that is gone.
    body = text if visible or "<img" in html else _visible(item.summary)
    title = _title(item, visible or ("" if "<img" in html else body), losses)
    is_empty = not (title or "<img" in html or item.image or item.attachments or item.link)
    if not title:
        title = _fallback_title(item, html, publication, now)
        losses.append(f'has neither title nor text: it is called "{title}"')
    if not body:
        body = title
        losses.append("has no text: its title stands there")
    fields: dict[str, Value] = {
        "title": title,
        "date": _moment(item.date or now.date(), publication),
        **_files(item, names),
        "summary": "" if body == item.summary else _summary(item, losses),
        "link": _link(item, losses),
        "categories": _categories(item, losses),
        "authors": () if item.authors == (publication.author,) else tuple(map(_line, item.authors)),
        "language": _language(item, publication),
        "draft": item.draft,
        **_moments(item, publication, now),
        "id": " ".join(item.id.split()),
    }
    present = {name: value for name, value in fields.items() if value}
    return Composed(fields=present, body=clean_text(body), losses=tuple(losses), is_empty=is_empty)


def _summary(item: ImportedItem, losses: list[str]) -> str:
    """Return the summary; empty if it is longer than one that is published."""
    summary = _line(item.summary)
    if len(summary) > FIELD_LENGTH:
        losses.append(f"has a summary of {len(summary)} characters, which is left out")
        return ""
    return summary


def _files(item: ImportedItem, names: Mapping[str, str]) -> dict[str, Value]:
    found: dict[str, Value] = {
        "attachments": tuple(
            _attachment(file, names.get(file.address, file.address)) for file in item.attachments
        )
    }
    if item.image:
        found["image"] = names.get(item.image.address, item.image.address)
        found["image_alt"] = _line(item.image.alt)
    return found


def _attachment(file: File, name: str) -> str | Mapping[str, str]:
    """Return a file by its name, or as a table if its source says more of it than that."""
    title = _line(file.title)
    is_name = title.casefold() in unquote(file.address).casefold()
    is_usable = (
        not is_name and len(title) <= TITLE_LENGTH and not markdown.markup_in(title, any_name=False)
    )
    more = {"title": title if is_usable else "", "language": tag_of(file.language) or ""}
    table = {"file": name, **{key: text for key, text in more.items() if text}}
    return table if len(table) > 1 else name


def html_of(item: ImportedItem) -> str:
    """Return the text as safe HTML with absolute addresses; empty if it is in Markdown."""
    return markdown.cleaned(item.html, base=item.base) if item.html else ""


def _body(item: ImportedItem, names: Mapping[str, str]) -> str:
    if item.markdown:
        own = {name: f"{_BESIDE}{name}" for name in names.values()}
        text = html_to_markdown.renamed_in_markdown(
            item.markdown, lambda old: own[names[old]] if old in names else old
        )
        return html_to_markdown.tidied(
            html_to_markdown.absolute_in_markdown(text, item.base).replace(_BESIDE, "")
        )
    return html_to_markdown.from_html(html_of(item), names)


def _title(item: ImportedItem, text: str, losses: list[str]) -> str:
    """Return the title, or the beginning of the text; empty if the item has neither."""
    title = _visible(item.title)
    if not title and (title := _beginning(text)):
        losses.append(f'has no title: "{title}" was made of its text')
    if len(title) > TITLE_LENGTH:
        losses.append(f"has a title of {len(title)} characters: it was cut")
        title = title[: TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"
    return title


def _visible(text: str) -> str:
    """Return a line without marks of direction; empty if it has no visible character."""
    line = _line(_DIRECTIONS.sub("", text))
    return line if any(map(markdown.is_seen, line)) else ""


def _beginning(text: str) -> str:
    if len(text) <= _TITLE_FROM_TEXT:
        return text
    return text[:_TITLE_FROM_TEXT].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"


def _fallback_title(item: ImportedItem, html: str, publication: Publication, now: datetime) -> str:
    """Return a title, in its language, for an item that has neither title nor text."""
    if described := _ALT.search(html):
        title = _beginning(_visible(unescape(described[1])))
        if title:
            return title
    language = localise.spoken(item.language, publication.language)
    words = _PICTURE if item.image or "<img" in html else _FILE if item.attachments else _NEWS
    day = _moment(item.date or now, publication)
    start = day.date() if isinstance(day, datetime) else day
    return words[language].format(
        localise.written(Span(start=start, end=start, precision="day"), language)
    )


def _link(item: ImportedItem, losses: list[str]) -> str:
    if not item.link:
        return ""
    address = web_address(item.link, fragment=True) or ""
    if not address:
        losses.append(f"has no web address: {item.link}")
    elif address != item.link and address.rstrip("/") != item.link.rstrip("/"):
        losses.append(f"had the address {item.link}")
    return address


def _categories(item: ImportedItem, losses: list[str]) -> tuple[str, ...]:
    parts = (part for name in item.categories for part in _SEPARATOR.split(name))
    found = tuple(dict.fromkeys(line for part in parts if (line := _line(part))))
    if any(map(_SEPARATOR.search, item.categories)):
        losses.append("has a category with a comma or a bar: it became several")
    return found


def _language(item: ImportedItem, publication: Publication) -> str:
    """Return the language if it is not the publication's; regions count for Chinese only."""
    own, usual = item.language, publication.language
    if own.lower() == usual.lower():
        return ""
    same = own.partition("-")[0].lower() == usual.partition("-")[0].lower()
    return "" if same and not own.lower().startswith("zh") else own


def _moments(item: ImportedItem, publication: Publication, now: datetime) -> dict[str, Value]:
    """Return `updated`, if later than publication, and `expires`."""
    found: dict[str, Value] = {}
    start = item.date if isinstance(item.date, datetime) else None
    if item.updated and start and start < item.updated <= now:
        found["updated"] = _moment(item.updated, publication)
    if item.expires:
        found["expires"] = _moment(item.expires, publication)
    return found


def _moment(moment: date, publication: Publication) -> date:
    """Return a moment in the zone of the publication, in whole seconds."""
    if not isinstance(moment, datetime):
        return moment
    return moment.astimezone(UTC).replace(microsecond=0).astimezone(publication.zone)


def _line(text: str) -> str:
    return " ".join(straight(clean_text(text)).split())
