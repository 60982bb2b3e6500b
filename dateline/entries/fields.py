"""Which fields does an entry have, and which of them is meant by another spelling?"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection

NEEDED = ("title", "date", "body")
TEXTS = frozenset(
    {
        "title", "body", "summary", "link", "editor", "language", "translation_of", "image",
        "image_alt", "image_credit", "place", "correction", "status", "retraction", "id",
    }
)  # fmt: skip
LISTS = frozenset({"categories", "authors", "attachments"})
DATES = frozenset({"date", "event", "expires", "updated"})
# Fields that name a file or an address.
PLACES = frozenset({"image", "attachments", "link"})
FIELDS = frozenset({*TEXTS, *LISTS, *DATES, "draft"})
# Texts of which feeds say that they hold no markup.
PLAIN_TEXTS = frozenset(
    {
        "title", "summary", "categories", "authors", "image_alt", "image_credit", "place",
        "correction",
    }
)  # fmt: skip
# Under this name goes the line on which the text of the body begins.
BODY_TEXT = "body text"

_MEANT = {
    "title": ("titre", "título", "titulo", "titel", "заголовок", "название", "标题", "العنوان",
              "heading", "headline", "name", "subject"),
    "date": ("fecha", "datum", "дата", "日期", "التاريخ", "day", "published", "pubdate",
             "publication_date"),
    "body": ("texte", "texto", "text", "corps", "cuerpo", "content", "contents", "contenu",
             "contenido", "текст", "正文", "内容", "النص"),
    "summary": ("résumé", "resume", "resumen", "abstract", "description", "teaser", "excerpt",
                "sommaire", "аннотация", "摘要", "ملخص"),
    "link": ("url", "lien", "enlace", "href", "website", "web", "address", "ссылка", "链接",
             "رابط"),
    "categories": ("category", "catégorie", "catégories", "categoría", "categorías", "tags", "tag",
                   "topics", "topic", "категории", "类别", "الفئات"),
    "authors": ("author", "auteur", "auteurs", "autor", "autores", "by", "byline", "автор", "作者"),
    "language": ("lang", "langue", "idioma", "sprache", "язык", "语言", "اللغة"),
    "image": ("picture", "photo", "foto", "imagen", "img", "фото", "图片", "صورة"),
    "image_alt": ("alt", "alt_text", "image_text", "caption"),
    "image_credit": ("credit", "photographer", "copyright"),
    "attachments": ("attachment", "files", "file", "document", "documents", "pdf", "enclosure"),
    "event": ("when", "événement", "evento", "event_date", "dates"),
    "place": ("where", "location", "venue", "lieu", "lugar", "место", "地点", "المكان"),
    "expires": ("expiry", "expire", "until", "end", "expiration"),
    "updated": ("modified", "changed", "lastmod", "last_modified"),
    "draft": ("brouillon", "borrador", "entwurf", "черновик", "草稿", "مسودة"),
    "correction": ("corrected", "erratum", "corrigendum"),
}  # fmt: skip
_BY_WORD = {word: field for field, words in _MEANT.items() for word in words}
_LOOK_ALIKE = str.maketrans(
    "аеорсухіѕјкмтнвԁԛһгАВЕКМНОРСТХІЅЈαοεντικρυηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjkmthbdqhrABEKMHOPCTXISJaoevtikpunABEZHIKMNOPTYX",
)


def same(name: str) -> str:
    """Give the field that `name` is but for capitals, hyphens and spaces, or nothing.

    >>> same("Image-Alt")
    'image_alt'
    """
    if name in FIELDS:
        return name
    plain = re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", name).strip().casefold())
    return plain if plain in FIELDS else ""


def look_alike(name: str) -> tuple[str, str]:
    """Give the field that `name` looks like, and its first letter of another alphabet."""
    meant = same(name.translate(_LOOK_ALIKE))
    if not meant or name.isascii():
        return "", ""
    return meant, next(sign for sign in name if not sign.isascii())


def alphabet(letter: str) -> str:
    """Name the alphabet of a letter: `Cyrillic`, `Greek`.

    >>> alphabet("і")
    'Cyrillic'
    """
    return unicodedata.name(letter, "foreign").split()[0].capitalize()


def nearest(name: str, taken: Collection[str]) -> str:
    """Give the field that was probably meant, of those that are not `taken`, or nothing."""
    word = unicodedata.normalize("NFC", name).strip().casefold()
    if (meant := _BY_WORD.get(re.sub(r"[\s-]+", "_", word), "")) and meant not in taken:
        return meant
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    free = sorted(FIELDS - set(taken))
    return "".join(difflib.get_close_matches(bare[:40], free, n=1, cutoff=0.7))
