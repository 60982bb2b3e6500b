"""Fields by which other systems keep news back: if ignored, it would be public at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import product
from zoneinfo import ZoneInfo

from dateline.entries import dates
from dateline.entries.dates import vocabulary
from dateline.entries.parse import repairs
from dateline.entries.parse.suggestions import suggested_line
from dateline.errors import DateError
from dateline.text import withheld
from dateline.text.characters import normalised
from dateline.text.expressions import regex

# Names without "_", accents and "is" before them. News appears when these say, whatever they say.
_UNTIL = regex(
    ".*(embarg(o|ado)|sperr(frist|vermerk)|эмбарго|حظر|禁发|解禁).*|(hold|gesperrt)(until|till|bis)|notbefore"
    "|scheduled?(at|for|on|date)?|golive(at)?|publish(at|on|date)?|pubdate|release(at|on|date)"
    "|(publicar|divulgar)(em|apartirde)"
)
# Or from a moment on, which may be over.
_FROM = regex("(available|live|publish|valid|visible)from|publicationdate")
# And if it is a moment to come: other values may be about something else.
_ON = regex(
    "(active|appears?|available|display|goeslive|live|online|publish(ed|ing)?|show|valid|visible)"
    "(ab|after|from|on)|(display|live|online|post(ing)?|publish(ed|ing))(at|date|on)|holdfor"
    "|date(live|online|published|release)|unlock(at|on)?|date(de)?publication|fecha(de)?publicacion|data(de)?publicacao"
    "|erscheint(am)?|erscheinungsdatum|veroe?ffentlichung(sdatum)?|publication|датапубликации|发布日期|发布时间|تاريخالنشر"
)
_BACK = frozenset(
    {
        "donotpublish", "dontpublish", "hidden", "hide", "hold", "holdforrelease", "internal",
        "internalonly", "membersonly", "motdepasse", "notforpublication", "notforrelease", "oculto",
        "onhold", "password", "passwort", "privada", "privado", "prive", "privee", "staffonly",
        "subscribersonly", "unlisted", "unpublished", "versteckt", "wip", "nepaspublier",
        "nepasdiffuser", "nichtveroffentlichen", "nichtveroeffentlichen", "nopublicar",
        "nodifundir", "naopublicar", "naodivulgar",
        "непубликовать", "скрыть", "不发布", "禁止发布", "隐藏", "مخفي",
    }
).union(withheld.CONFIDENTIAL, withheld.PRIVATE)  # fmt: skip
# Words that may be about something else unless they are true.
_BACK_IF_TRUE = frozenset(
    {
        "blocked", "deleted", "disabled", "gesperrt", "held", "intern", "interne", "interno",
        "loginrequired", "protected", "requirelogin", "restricted", "secret", "trashed",
        "geheim", "secreto", "внутреннии", "内部", "草稿", "داخلي", "سري",
    }
)  # fmt: skip
# Not public if no, or before the moment that they say.
_OUT = frozenset(
    {
        "active", "approved", "available", "cleared", "enabled", "freigabe", "freigegeben",
        "listed", "live", "offentlich", "oeffentlich", "online", "public", "publicado", "publico",
        "publie", "publiee", "publish", "publishable", "published", "publishedat", "publishedon",
        "ready", "release", "released", "sichtbar", "signedoff", "veroeffentlicht",
        "veroffentlicht", "visibility", "visible", "опубликовано", "публиковать", "公开", "发布",
        "publier", "publicar", "نشر", "منشور",
    }
)  # fmt: skip
_STATES = frozenset(
    {
        "access", "accesslevel", "approval", "approvalstatus", "audience", "classification",
        "clearance", "moderationstate", "poststatus", "reviewstate", "reviewstatus", "sensitivity",
        "stage", "visibility", "workflow", "workflowstate", "workflowstatus",
        "confidentialite", "estado", "etat", "situacao", "статус", "状态", "الحالة",
    }
)  # fmt: skip
_NOT_PUBLIC = frozenset(
    {
        "autodraft", "future", "hidden", "inprogress", "inreview", "internalonly", "members",
        "membersonly", "nobody", "notpublished", "onhold", "password", "pendingreview", "protected",
        "restricted", "review", "scheduled", "secret", "staff", "subscribers", "trash", "unlisted",
        "avalider", "nonpublie", "nopublicado", "nichtfreigegeben", "внутреннии", "内部", "未发布",
        "داخلي",
    }
).union(
    withheld.STATES, withheld.DRAFT_UNCASED, withheld.EMBARGO, withheld.EMBARGOED
)  # fmt: skip
_TIMES = frozenset(
    {
        "heure", "hora", "horario", "publicationtime", "publishtime", "releasetime", "time",
        "uhrzeit", "время", "时间", "الوقت",
    }
)  # fmt: skip
_ZONES = frozenset({"timezone", "tz"})
# Beside those of `repairs`: a form may have "none".
_NO = ("0", "none", "n/a", "-", "–", "—", "aucun", "keine", "keiner", "nenhum", "ninguno", "无")
_TRUTHS = {"1": True} | dict.fromkeys(_NO, False)
_DAY = regex(r"\d{4}-\d{2}-\d{2}")
_YEAR = regex(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# A time, and one without a zone behind it.
_CLOCK = regex(r"\d[:.h]\d\d|\d\s?(?:[ap]\.?m\b|uhr\b)", re.IGNORECASE)
_ENDS_IN_CLOCK = regex(r"(?:\d[:.h]\d\d|\d\s?(?:[ap]\.?m\.?|uhr))$", re.IGNORECASE)
_DIGIT = regex(r"\d")
_LETTER = regex(r"[^\W\d_]")
_SPACES = regex(r"[\s_'’-]+")
_UTC = ZoneInfo("UTC")
_HALF_A_YEAR = timedelta(days=183)
_DRAFT = "draft = true"


def is_not_public(state: str) -> bool:
    """Return whether the name of a state says that other systems keep news back.

    >>> is_not_public("Members only"), is_not_public("published")
    (True, False)
    """
    return _plain(state) in _NOT_PUBLIC


def is_hidden(name: str, value: object) -> bool:
    """Return whether a field says that nobody, or not everybody, may see an entry."""
    truth = _truth(value)
    if _plain(name) in _STATES:
        states = value if isinstance(value, list) else [value]
        return any(isinstance(one, str) and is_not_public(one) for one in states)
    if _plain(name) in _BACK_IF_TRUE | _OUT:
        return truth is (_plain(name) in _BACK_IF_TRUE)
    is_of_parts = isinstance(value, list)  # as in `hide = ["toc"]`
    return _plain(name) in _BACK and truth is not False and bool(value) and not is_of_parts


def instead(name: str, known: Mapping[str, object], value: object, now: datetime) -> str:
    """Return the field, or the line, to write in place of one that keeps news back, or nothing.

    `known` has the fields that an entry has, `now` is the moment in its zone. A line is not the
    name of a field alone where the value would say the opposite, as in `public = false`, or the
    field is there already.
    """
    word, truth = _plain(name), _truth(value)
    if truth is False:
        return _DRAFT if word in _OUT else ""
    if isinstance(value, dict) and not _UNTIL.fullmatch(word):
        inner = ((one, each) for one, each in value.items() if not isinstance(each, dict))
        return next(filter(None, (instead(one, known, each, now) for one, each in inner)), "")
    is_of_meeting = word == "password" and "event" in known
    if value == "" or (truth is True and word in _OUT) or is_of_meeting:
        return ""
    is_pending = word in _OUT and isinstance(value, str) and is_not_public(value)
    if is_hidden(name, value) or is_pending or (truth is True and _UNTIL.fullmatch(word)):
        return _DRAFT
    if word in _TIMES | _ZONES:
        return _with_time(word, known, value, now)
    return _later(word, known, value, now)


def _later(word: str, known: Mapping[str, object], value: object, now: datetime) -> str:
    """Return the line of the date to which a field puts news off, or nothing."""
    is_until, is_from = _UNTIL.fullmatch(word), _FROM.fullmatch(word)
    if not (is_until or is_from or word in _OUT or _ON.fullmatch(word)):
        return ""
    moment = _moment(value, now, near=None if is_until else known.get("date"))
    is_doubtful = is_from and not (moment or _is_of_past_year(value, now))
    is_doubtful = is_doubtful or (moment is None and _is_relative(value, now))
    if not (is_until or is_doubtful or (moment and moment > now)):
        return ""
    typed = _typed(value)
    if moment and isinstance(value, str) and not _YEAR.search(value):
        typed = f"{moment:%Y-%m-%d %H:%M}" if _CLOCK.search(value) else f"{moment:%Y-%m-%d}"
    return suggested_line("date", typed) if moment and "date" in known else "date"


def _moment(value: object, now: datetime, near: object = None) -> datetime | None:
    """Return the moment that a value is, in the words of staff; None for no moment.

    Where the words may be several, the last is meant: if none has come, news is kept back. A day
    without a year is of these months, or of those of `near`, the date of old news.
    """
    written = str(value).strip()
    found: list[date] = []
    with suppress(ValueError):
        found.append(datetime.fromisoformat(written))
    if not found and isinstance(value, str):
        zone = now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else _UTC
        read = partial(dates.read, value, use="date", zone=zone, today=now.date())
        for order in dates.ORDERS:
            with suppress(DateError):
                found.append(read(order=order).start)
        day = min(now.date(), _day(near) or now.date())
        is_recent = now.date() - day < 2 * _HALF_A_YEAR
        for base in (day, now.date()) if is_recent else (day,):
            years = (base.year, base.year + 1) if not found and _may_be_day(value) else ()
            for order, year in product(dates.ORDERS, years):  # without a year
                with suppress(DateError):
                    span = read(order=order, year=year)
                    found += [span.start] if abs(span.first_day - base) < _HALF_A_YEAR else []
    if not found and (day_of_it := _DAY.match(written)):
        with suppress(ValueError):  # of a time that is unclear, the end of its day
            found.append(datetime.combine(date.fromisoformat(day_of_it[0]), time.max))
    moments = [
        one if isinstance(one, datetime) else datetime.combine(one, time.min) for one in found
    ]
    return max(
        (one if one.tzinfo else one.replace(tzinfo=now.tzinfo) for one in moments), default=None
    )


def _day(written: object) -> date | None:
    """Return the day that a `date` begins with, None where it does not begin as in ISO 8601."""
    found = _DAY.match(str(written))
    with suppress(ValueError):
        return date.fromisoformat(found[0]) if found else None
    return None


def _may_be_day(value: str) -> bool:
    """Return whether words may be a day without a year: no name is before it, but of weekdays."""
    before, comma, _ = value.partition(",")
    if not comma or _DIGIT.search(before):
        return bool(_LETTER.search(value))
    last = vocabulary.fold(before.rpartition(" ")[2])
    return last in vocabulary.phrases("")


def _is_relative(value: object, now: datetime) -> bool:
    """Return whether words are a day to come by that of today, such as tomorrow or next week."""
    try:
        dates.read(str(value), use="date", zone=_UTC, today=now.date())
    except DateError as error:
        return error.kind == "relative" and str(error.wanted)[:10] > now.date().isoformat()
    return False


def _is_of_past_year(value: object, now: datetime) -> bool:
    years = _YEAR.findall(str(value))
    return bool(years) and int(max(years)) < now.year


def _with_time(word: str, known: Mapping[str, object], value: object, now: datetime) -> str:
    """Return the line of a date with a time or zone that stands beside it, or nothing.

    The time may be that of an event, and a day that is over is out. The zone of `now` needs no
    line.
    """
    day = known.get("date", "")
    written = _typed(day)
    has_time = isinstance(day, datetime) or _CLOCK.search(written)
    is_part = word in _TIMES if not has_time else word in _ZONES and _ENDS_IN_CLOCK.search(written)
    found = _DAY.match(written)
    is_over = found[0] < now.date().isoformat() if found else _is_of_past_year(day, now)
    is_own = word in _ZONES and value == str(now.tzinfo)
    if "event" in known or not day or is_over or is_own or not is_part:
        return ""
    return suggested_line("date", f"{written} {_typed(value)}")


def _truth(value: object) -> object:
    if isinstance(value, str):
        return _TRUTHS.get(value.strip().casefold(), repairs.truth(value))
    return bool(value) if isinstance(value, int) and value in (0, 1) else value


def _typed(value: object) -> str:
    """Return a moment as staff write it, without its seconds if it has none."""
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    return re.sub(r"(?<=\d\d:\d\d):00$", "", str(value))


def _plain(name: str) -> str:
    """Return a name without spaces, accents and capitals, and without `is` before it."""
    plain = _SPACES.sub("", normalised("NFKD", name)).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare[2:] if bare.startswith("is") and bare[2:] in _BACK | _OUT else bare
