"""The table of the fields of an entry, and all that is derived from it.

To add a field, add a row to `FIELDS`, a field of the same name to `dateline.model.Story`, and the
place where it is shown: `CONTRIBUTING.md` has an example. The checks of types and spelling, the
template of a new entry, the JSON Schema for editors and the table in `docs/for-staff.md` follow.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from dateline.system import safe_files
from dateline.system.writing import replace_file
from dateline.text.characters import normalised

SCHEMA_NAME = "entry.schema.json"
TITLE_LENGTH = 200
FIELD_LENGTH = 20_000  # characters of any other but the body, which lists and feeds repeat
LIST_LENGTH = 100_000  # of all attachments together
# Characters of each text by which entries are found: no row of an index takes many more.
INDEXED = {"authors": 500, "categories": 500, "editor": 500, "id": 1000, "place": 500}
MOST_TEXTS = 100  # in a list: readers get a page for each category and author
# The key for the line on which the text of the body begins.
BODY_TEXT = "body text"

# A "line" is a text that `Story` holds as it is written, on one line; a "text" is interpreted by
# code of its own. "texts" are one text or a list, "files" a list of names and tables, a "flag" is
# true or false.
FieldType = Literal["line", "text", "texts", "list", "files", "date", "flag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an entry.

    `example` is TOML. `help` is for staff. `aliases` are other names by which staff may call it,
    apart by spaces. In a `plain` field markup is refused, since feeds declare it as plain text.
    The value of one that `names_file` is a file or an address. `keys` are those of its tables.

    >>> Field(name="place", type="line", example='"Vienna"', help="where it takes place").required
    False
    """

    name: str
    type: FieldType
    example: str
    help: str
    required: bool = False
    plain: bool = False
    names_file: bool = False
    aliases: str = ""
    keys: tuple[Field, ...] = ()


# In the order of the guide for staff.
FIELDS = (
    Field(
        name="title",
        type="text",
        required=True,
        plain=True,
        example='"Report on Lebanon"',
        help="one line of plain text, at most 200 characters",
        aliases=(
            "titre título titulo titel заголовок название 标题 العنوان heading headline name "
            "subject"
        ),
    ),
    Field(
        name="date",
        type="date",
        required=True,
        example="2008-10-20",
        help="the day of publication; before it nobody sees the entry",
        aliases="fecha datum data дата 日期 التاريخ day published pubdate publication_date",
    ),
    Field(
        name="event",
        type="date",
        example='"30 November - 3 December 2008"',
        help="the day or days on which it takes place",
        aliases=(
            "when événement evento event_date dates veranstaltung termin событие мероприятие 活动 "
            "الفعالية"
        ),
    ),
    Field(
        name="place",
        type="line",
        plain=True,
        example='"Vienna, Austria"',
        help="where it takes place",
        aliases="where location venue lieu lugar ort место 地点 المكان",
    ),
    Field(
        name="attachments",
        type="files",
        names_file=True,
        example='["report.pdf"]',
        help="files beside this one, or web addresses",
        aliases=(
            "attachment files file document documents pdf enclosure fichiers adjuntos anhang "
            "anhänge anexo anexos вложение вложения 附件 المرفقات"
        ),
        keys=(
            Field(
                name="file",
                type="line",
                required=True,
                example='"annex.pdf"',
                help="the file beside this one, or its web address",
                aliases="name filename path url link href src fichier archivo файл 文件 ملف",
            ),
            Field(
                name="title",
                type="line",
                plain=True,
                example='"Annex: figures by country"',
                help="what readers see in place of the file's name",
                aliases="titre título titulo label caption text description заголовок 标题 العنوان",
            ),
            Field(
                name="language",
                type="line",
                example='"fr"',
                help="the language of the file, where it is not that of the entry",
                aliases="lang langue idioma язык 语言 اللغة",
            ),
        ),
    ),
    Field(
        name="summary",
        type="line",
        plain=True,
        example='"Sixty cases in one year."',
        help="one or two sentences; else the text's first",
        aliases=(
            "résumé resume resumen resumo zusammenfassung abstract description teaser excerpt "
            "sommaire аннотация резюме 摘要 ملخص الملخص"
        ),
    ),
    Field(
        name="link",
        type="text",
        names_file=True,
        example='"https://example.org/report"',
        help="the page about it on your own site",
        aliases="url lien enlace href website web address ссылка 链接 رابط الرابط",
    ),
    Field(
        name="categories",
        type="list",
        plain=True,
        example='["prevention", "Lebanon"]',
        help="its topics",
        aliases=(
            "category catégorie catégories categoría categorías tags tag topics topic "
            "thema themen категории рубрика рубрики 类别 分类 الفئات"
        ),
    ),
    Field(
        name="authors",
        type="list",
        plain=True,
        example='["Press office"]',
        help="who wrote it; readers see this",
        aliases="author auteur auteurs autor autores by byline автор 作者 المؤلف",
    ),
    Field(
        name="editor",
        type="line",
        example='"Press office"',
        help="whom to ask in the house; never published",
    ),
    Field(
        name="language",
        type="text",
        example='"fr"',
        help="the language, where it is not the usual one",
        aliases="lang langue idioma sprache язык 语言 اللغة",
    ),
    Field(
        name="translation_of",
        type="line",
        example='"2008-10-20-lebanon"',
        help="the file, without .toml, that it translates",
    ),
    Field(
        name="image",
        type="text",
        names_file=True,
        example='"photo.jpg"',
        help="a picture beside this file, or its web address",
        aliases="picture photo foto imagen bild img фото 图片 صورة",
    ),
    Field(
        name="image_alt",
        type="text",
        plain=True,
        example='"Judges at a table"',
        help="what it shows, for people who cannot see it",
        aliases="alt alt_text image_text",
    ),
    Field(
        name="image_caption",
        type="text",
        plain=True,
        example='"The court in session"',
        help="a line below the picture; readers see this",
        aliases="caption légende legenda bildunterschrift pie подпись 图注 图片说明 تعليق",
    ),
    Field(
        name="image_credit",
        type="text",
        plain=True,
        example='"Press office"',
        help="who took the picture",
        aliases="credit photographer copyright",
    ),
    Field(
        name="draft",
        type="flag",
        example="true",
        help="nobody outside sees it until this line goes",
        aliases="brouillon borrador entwurf rascunho черновик 草稿 مسودة",
    ),
    Field(
        name="expires",
        type="date",
        example="2008-11-20",
        help="the last day on which feeds show it",
        aliases="expiry expire until end expiration",
    ),
    Field(
        name="id",
        type="text",
        example='"tag:example.org,2008:7"',
        help="the old id of what was published elsewhere before",
    ),
    Field(
        name="correction",
        type="texts",
        plain=True,
        example='"It was 60, not 66."',
        help="what was wrong and is now right; readers see it",
        aliases="corrected erratum corrigendum",
    ),
    Field(
        name="updated",
        type="date",
        example="2008-10-21",
        help="the day of another change that readers should notice",
        aliases="modified changed lastmod last_modified",
    ),
    Field(
        name="status",
        type="text",
        example='"retracted"',
        help="takes the text back; the reason stands in its place",
    ),
    Field(
        name="retraction",
        type="text",
        example='"The figures were wrong."',
        help="the reason; goes with status",
    ),
    Field(
        name="body",
        type="text",
        required=True,
        example='"""\nSixty cases …\n"""',
        help="the text, in Markdown; the last field of the file",
        aliases=(
            "texte texto text corps cuerpo corpo inhalt content contents contenu contenido текст "
            "содержание 正文 内容 النص المحتوى"
        ),
    ),
)

NAMES = frozenset(field.name for field in FIELDS)
REQUIRED = tuple(field.name for field in FIELDS if field.required)
LINES = frozenset(field.name for field in FIELDS if field.type == "line")
FILES = {field.name: field.keys for field in FIELDS if field.type == "files"}
LISTS = frozenset(field.name for field in FIELDS if field.type in {"list", "files"})
DATES = frozenset(field.name for field in FIELDS if field.type == "date")
PLAIN = frozenset(field.name for field in FIELDS if field.plain)
NAMES_FILE = frozenset(field.name for field in FIELDS if field.names_file)

_LOOK_ALIKE = str.maketrans(
    "аеорсухіѕјкмтнвԁԛһгАВЕКМНОРСТХІЅЈαοεντικρυηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjkmthbdqhrABEKMHOPCTXISJaoevtikpunABEZHIKMNOPTYX",
)
# taplo reads every TOML date as a string; tombi wants the format that fits.
_DATE_FORMATS = ("date", "date-time", "date-time-local")


def canonical_name(name: str, names: Collection[str] = NAMES) -> str:
    """Return which of `names` is `name` apart from capitals, hyphens and spaces, or nothing.

    >>> canonical_name("Image-Alt")
    'image_alt'
    """
    if name in names:
        return name
    plain = re.sub(r"[\s_-]+", "_", normalised("NFKC", name).strip().casefold())
    return plain if plain in names else ""


def look_alike(name: str) -> tuple[str, str]:
    """Return the field that `name` looks like, and its first letter of another alphabet."""
    meant = canonical_name(name.translate(_LOOK_ALIKE))
    if not meant or name.isascii():
        return "", ""
    return meant, next(character for character in name if not character.isascii())


def alphabet(letter: str) -> str:
    """Return the English name of a letter's alphabet, such as `Greek`.

    >>> alphabet("і")
    'Cyrillic'
    """
    return unicodedata.name(letter, "foreign").split()[0].capitalize()


def nearest(name: str, taken: Collection[str], among: tuple[Field, ...] = FIELDS) -> str:
    """Return the field that was probably meant, of those that are not `taken`, or nothing."""
    word = normalised("NFC", name).strip().casefold()
    meant = _by_alias(among).get(re.sub(r"[\s-]+", "_", word), "")
    if meant and meant not in taken:
        return meant
    bare = "".join(c for c in normalised("NFKD", word) if not unicodedata.combining(c))
    free = sorted({field.name for field in among} - set(taken))
    return "".join(difflib.get_close_matches(bare[:40], free, n=1, cutoff=0.7))


@cache
def _by_alias(among: tuple[Field, ...]) -> dict[str, str]:
    return {alias: field.name for field in among for alias in field.aliases.split()}


def schema() -> str:
    """Return the JSON Schema (draft 7) of an entry, as text."""
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A news entry",
        **_object(FIELDS),
        "dependencies": {"status": ["retraction"], "retraction": ["status"]},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def write_schema(folder: Path) -> None:
    """Bring the schema in `folder` up to date; a current one is left untouched.

    Raises `OSError` where it cannot be written.
    """
    path, new = folder / SCHEMA_NAME, schema().encode()
    with suppress(OSError):
        if safe_files.read(str(folder), SCHEMA_NAME, len(new) + 1)[0] == new:
            return
    replace_file(path, new)


def _object(fields: tuple[Field, ...]) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.required],
        "properties": {
            field.name: {"description": field.help, **_schema_of(field)} for field in fields
        },
    }


def _schema_of(field: Field) -> dict[str, object]:
    text: dict[str, object] = {"type": "string"}
    if field.required:
        text["pattern"] = r"\S"
    if field.name == "title":
        return text | {"maxLength": TITLE_LENGTH}
    if field.name == "status":
        return {"const": "retracted"}
    if field.type == "date":
        return {"anyOf": [*({"type": "string", "format": form} for form in _DATE_FORMATS), text]}
    if field.type == "texts":
        return {"anyOf": [text, {"type": "array", "items": text, "maxItems": MOST_TEXTS}]}
    if field.name in LISTS:
        items = {"anyOf": [text, _object(field.keys)]} if field.keys else text
        return {"type": "array", "items": items} | ({} if field.keys else {"maxItems": MOST_TEXTS})
    return text if field.type in {"line", "text"} else {"type": "boolean"}
