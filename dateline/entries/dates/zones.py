"""Offsets of written time zones, and the words beside a time that may be a zone.

Time zones are those of `zoneinfo`. An abbreviation that several countries use is refused;
one that names summer or winter time must be the one in use on that day.

A time without a zone is read in the site's. So a word that may be a zone and is not known to be one
is asked about, as is all that stands in brackets behind a time. A place of which nothing is
known (`10:00 Springfield`) is no zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, reduce
from zoneinfo import ZoneInfo, available_timezones

from dateline.entries.dates.lexicon import (
    KINDS_OF_TIME,
    OTHER_ZONES,
    TOWNS_LIKE_ZONES,
    WORDS_LIKE_ZONES,
    WORDS_ONLINE,
)
from dateline.entries.dates.symbols import City, Token, symbols
from dateline.entries.dates.vocabulary import cities, fold, phrases
from dateline.errors import DateError
from dateline.messages.values import Phrase, Value, either, phrase
from dateline.text.expressions import regex

_EAST, _CENTRE, _CUBA = "America/New_York", "America/Chicago", "America/Havana"
_ROCKIES, _WEST, _SYDNEY = "America/Denver", "America/Los_Angeles", "Australia/Sydney"

# One place: the zone. Several: what the abbreviation may mean.
ZONES: dict[str, tuple[str, ...]] = {
    "Z": ("UTC",),
    "UTC": ("UTC",),
    "GMT": ("UTC",),
    "UT": ("UTC",),
    "TU": ("UTC",),
    "TUC": ("UTC",),
    "CET": ("Europe/Berlin",),
    "CEST": ("Europe/Berlin",),
    "EET": ("Europe/Athens",),
    "EEST": ("Europe/Athens",),
    "WET": ("Europe/Lisbon",),
    "WEST": ("Europe/Lisbon",),
    "MSK": ("Europe/Moscow",),
    "MSD": ("Europe/Moscow",),
    "JST": ("Asia/Tokyo",),
    "EAT": ("Africa/Nairobi",),
    "CAT": ("Africa/Maputo",),
    "WAT": ("Africa/Lagos",),
    "SAST": ("Africa/Johannesburg",),
    "PKT": ("Asia/Karachi",),
    "PKST": ("Asia/Karachi",),
    "HKT": ("Asia/Hong_Kong",),
    "KST": ("Asia/Seoul",),
    "AEST": ("Australia/Sydney",),
    "AEDT": ("Australia/Sydney",),
    "NZST": ("Pacific/Auckland",),
    "NZDT": ("Pacific/Auckland",),
    "PDT": (_WEST,),
    "IST": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "BST": ("Europe/London", "Asia/Dhaka"),
    "CST": (_CENTRE, "Asia/Shanghai", _CUBA),
    "CDT": (_CENTRE, _CUBA),
    "CT": (_CENTRE,),
    "EST": (_EAST, _SYDNEY),
    "EDT": (_EAST, _SYDNEY),
    "ET": (_EAST,),
    "MST": (_ROCKIES, "Asia/Kuala_Lumpur", "Asia/Yangon"),
    "MDT": (_ROCKIES, "Europe/Chisinau"),
    "MT": (_ROCKIES,),
    "PST": (_WEST, "Asia/Manila", "Asia/Karachi"),
    "PT": (_WEST,),
    "AST": ("America/Halifax", "Asia/Riyadh"),
    "ADT": ("America/Halifax", "Asia/Riyadh"),
    "GST": ("Asia/Dubai", "Pacific/Guam"),
    "SST": ("Pacific/Pago_Pago", "Asia/Singapore"),
    "WST": ("Australia/Perth", "Pacific/Apia"),
}
# What the clocks there show, in summer and in winter.
_WHOLE_YEAR = {name: ZONES[name][0] for name in ("ET", "CT", "MT", "PT")}
_OFFSET = regex(r"(?:UTC|GMT)?\s*([+-])(\d\d?)(?::?(\d\d))?", re.IGNORECASE)
_WIDEST = timedelta(hours=14)
_NOT_CHECKED = {"UTC"}
AN_OFFSET = phrase("an-offset", offset="+02:00")
"""An example of an offset, where nobody knows which one is meant."""
_CONTINENTS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")
_NO_TOWNS = {"act", "center", "easter", "lhi", "north", "nsw", "south", "west"}
# Towns by which staff name a time, and after which the tz database names no zone.
_TOWNS_OF = {
    _EAST: "washington|washington dc|atlanta|boston|miami|new york city|nyc|philadelphia",
    _CENTRE: "dallas|houston",
    _WEST: "san francisco|seattle",
    "America/Toronto": "ottawa",
    "America/Mexico_City": "mexico|ciudad de mexico",
    "America/Guayaquil": "quito",
    "America/Sao_Paulo": "brasilia|rio de janeiro",
    "Africa/Johannesburg": "cape town|pretoria",
    "Africa/Lagos": "abuja",
    "Asia/Dubai": "abu dhabi",
    "Asia/Ho_Chi_Minh": "hanoi",
    "Asia/Karachi": "islamabad",
    "Asia/Kolkata": "bangalore|delhi|mumbai|new delhi",
    "Asia/Qatar": "doha",
    "Australia/Sydney": "canberra",
    "Europe/Istanbul": "ankara",
    "Pacific/Auckland": "wellington",
}
# "Vienna time" is whatever the clocks there show; `vocabulary` has the cities.
PLACES = {
    "VIENNA": "Europe/Vienna",
    "GENEVA": "Europe/Zurich",
    "NEW YORK": "America/New_York",
    "NAIROBI": "Africa/Nairobi",
    "PARIS": "Europe/Paris",
    "LONDON": "Europe/London",
    "MADRID": "Europe/Madrid",
    "MOSCOW": "Europe/Moscow",
    "BEIRUT": "Asia/Beirut",
    "CAIRO": "Africa/Cairo",
    "BEIJING": "Asia/Shanghai",
}

_RUN = regex(r"w(?:-?w)*")
_BEHIND = regex(r"T\(?(w)(?=(-?w)?)")
_LEAST, _MOST = 3, 5
_NOT_LATIN = "\u0370"  # scripts in which `zone_in` knows no town
_OTHERS, _KINDS = frozenset(OTHER_ZONES.split()), frozenset(KINDS_OF_TIME.split())
_ONLINE = frozenset(map(fold, WORDS_ONLINE.split()))
_WORDS, _TOWNS = frozenset(WORDS_LIKE_ZONES.split()), frozenset(TOWNS_LIKE_ZONES.split())


def region(name: str) -> str:
    """Return the zone of the tz database (`America/New_York`) that is `name` but for capitals."""
    return _regions().get(name.casefold(), "") if "/" in name else ""


def zone_in(city: str) -> str:
    """Return the zone of the tz database that is named after a city, in small letters.

    >>> zone_in("lima"), zone_in("buenos aires"), zone_in("springfield")
    ('America/Lima', 'America/Buenos_Aires', '')
    """
    return _towns().get(city, "")


def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of a city or a region, None for an abbreviation or an offset."""
    key = PLACES.get(name) or _WHOLE_YEAR.get(name) or region(name)
    return ZoneInfo(key) if key else None


def placed(moment: datetime, names: tuple[str, ...]) -> datetime:
    """Return the naive `moment` with the offset that all of `names` mean on that day.

    Raises `DateError`: `ambiguous-zone`, `zone-mismatch`, `no-such-time` (an offset beyond 14
    hours).
    """
    offsets = [offset for name in names if (offset := _written_offset(name)) is not None]
    for name in names:
        if _OFFSET.fullmatch(name.strip()) or zone_of(name):
            continue
        if not offsets or len(ZONES.get(name, ())) == 1:
            offsets.append(_named_offset(name, moment))
    for zone in filter(None, map(zone_of, names)):
        offsets.append(_offset_there(zone, moment, offsets))
    if len(set(offsets)) != 1:
        other = next(offset for offset in offsets if offset != _written_offset(names[-1]))
        raise DateError("zone-mismatch", found=names[-1], wanted=_shown(other))
    return moment.replace(tzinfo=timezone(offsets[0]) if offsets[0] else UTC)


def check_city(moment: datetime, city: City) -> None:
    """Refuse a moment beside a city whose clocks show another time.

    Raises `DateError`: `ambiguous-zone`.
    """
    there = moment.replace(tzinfo=ZoneInfo(city.zone))
    if there.utcoffset() == moment.utcoffset():
        return
    wanted = either([_in_place(there, city.text), _in_place(moment, str(moment.tzinfo))])
    raise DateError("ambiguous-zone", found=city.text, wanted=wanted)


def _written_offset(name: str) -> timedelta | None:
    match = _OFFSET.fullmatch(name.strip())
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > _WIDEST or int(minutes or 0) > 59:
        raise DateError("no-such-time", found=name.strip(), wanted=AN_OFFSET)
    return -offset if sign == "-" else offset


def _named_offset(name: str, moment: datetime) -> timedelta:
    places = ZONES.get(name, ())
    if len(places) != 1:
        raise DateError("ambiguous-zone", found=name, wanted=_choices(places, moment))
    key = places[0]
    local = [moment.replace(tzinfo=ZoneInfo(key), fold=fold) for fold in (0, 1)]
    for candidate in local:
        offset = candidate.utcoffset()
        if offset is not None and (candidate.tzname() == name or key in _NOT_CHECKED):
            return offset
    in_use = f"{local[0].tzname()} ({local[0].isoformat()[-6:]})"
    raise DateError("zone-mismatch", found=name, wanted=in_use)


def _offset_there(zone: ZoneInfo, moment: datetime, known: Sequence[timedelta]) -> timedelta:
    """Return the offset in `zone`; in the hour that clocks repeat, the one that is `known`."""
    both = [moment.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    return next((offset for offset in both if offset in known), both[0])


@cache
def _regions() -> dict[str, str]:
    return {key.casefold(): key for key in available_timezones() if "/" in key}


@cache
def _towns() -> dict[str, str]:
    """Return zones of the tz database by town; of two names the later, which is newer."""
    keys = sorted(key for key in available_timezones() if key.startswith(_CONTINENTS))
    towns = {key.rpartition("/")[2].replace("_", " ").casefold(): key for key in keys}
    others = {town: key for key, names in _TOWNS_OF.items() for town in names.split("|")}
    return {town: key for town, key in towns.items() if town not in _NO_TOWNS} | others


def _choices(places: tuple[str, ...], moment: datetime) -> Value:
    """Return each meaning with the text to type: `2008-10-20T10:00+05:30 for India`."""
    if not places:
        return AN_OFFSET
    *others, last = (_in_place(moment.replace(tzinfo=ZoneInfo(key)), phrase(key)) for key in places)
    return either([reduce(_with_comma, others), last])


def _in_place(moment: datetime, place: Value) -> Phrase:
    return phrase("for-place", text=moment.isoformat(timespec="minutes"), place=place)


def _with_comma(first: Phrase, second: Phrase) -> Phrase:
    return phrase("commas", first=first, second=second)


def _shown(offset: timedelta) -> str:
    return datetime(2000, 1, 1, tzinfo=timezone(offset)).isoformat()[-6:] if offset else "UTC"


def doubtful(tokens: Sequence[Token]) -> list[str]:
    """Return words that may be zones: beside a time without one, or anywhere by their form."""
    line = symbols(tokens)
    words = [] if _has_zone(tokens) else list(_by_look(tokens, line))
    for match in _BEHIND.finditer(line):
        time, word = tokens[match.start()], tokens[match.start(1)].text
        after = tokens[match.start(2)].text if match[2] else ""
        is_beside = line[match.start() + 1] == "("  # what is in brackets explains the time
        may_be = (is_beside or _may_be_zone(word, after)) and not _is_room_or_online(word)
        if not _has_zone([time]) and word not in words and may_be:
            words.append(word)
    return words


def meant(word: str) -> str:
    """Return the abbreviation that `word` misspells, if it is only one and means one zone.

    >>> meant("UzTC"), meant("Cet"), meant("Pst")
    ('UTC', 'CET', '')
    """
    letters = word.upper()
    near = [letters] if letters in ZONES else _near(letters)
    return near[0] if len(near) == 1 and len(ZONES[near[0]]) == 1 else ""


def without_cities(tokens: Sequence[Token]) -> tuple[tuple[City, ...], list[Token]]:
    """Return the cities in a text whose time is known, and the tokens that are left.

    A city stands alone, between commas or at an end, or is the first of the words behind a time.
    """
    line, known = symbols(tokens), cities()
    found: list[City] = []
    rest: list[Token] = []
    at = 0
    for run in _RUN.finditer(line):
        words = [place for place in range(*run.span()) if line[place] == "w"]
        least = 1 if line[: run.start()].endswith(("T", "T(")) else len(words)
        for length in range(len(words), least - 1, -1):
            name = " ".join(tokens[place].text for place in words[:length])
            folded = fold(name)
            if zone := PLACES.get(known.get(folded, "")) or zone_in(folded):
                found.append(City(name, zone))
                rest += tokens[at : run.start()]
                at = words[length - 1] + 1
                at += line[at : at + 1] == "z"  # Lima time
                break
    return tuple(found), [*rest, *tokens[at:]]


def _by_look(tokens: Sequence[Token], line: str) -> Iterator[str]:
    """Yield words that are no place by their form: `UzTC`, and `Cet` where it stands alone."""
    for run in _RUN.finditer(line):
        alone = len(run[0]) == 1
        for token in tokens[run.start() : run.end()]:
            word, letters = token.text, token.text.upper()
            in_part = not word.isupper() and word[1:] != word[1:].lower()
            known = letters in ZONES and len(letters) >= _LEAST and word != letters
            if (in_part and _near(letters)) or (alone and known and letters not in _WORDS):
                yield word


def _may_be_zone(word: str, after: str) -> bool:
    """Return whether the `word` behind a time, with another or none `after` it, may be a zone."""
    letters = word.upper()
    if word > _NOT_LATIN or "/" in word:  # a town, or a part of the time; a region that is none
        return True
    if len(word) <= _MOST and word.isalpha() and (word.isupper() or word[1:] != word[1:].lower()):
        return True
    if after:
        return letters in _OTHERS and fold(after) in _KINDS
    if letters in _OTHERS or letters in ZONES:
        return True
    slip = word.istitle() and len(word) >= _LEAST and bool(_near(letters))
    return slip and letters not in _TOWNS


def _is_room_or_online(word: str) -> bool:
    """Return whether a word is a room or a building, or says that a meeting is online."""
    means = phrases("").get(fold(word), ())
    return fold(word) in _ONLINE or any(symbol == "K" for symbol, _ in means)


def _has_zone(tokens: Sequence[Token]) -> bool:
    return any(clock.zones for token in tokens for clock in token.clocks)


def _near(word: str) -> list[str]:
    return [zone for zone in ZONES if len(zone) >= _LEAST and _is_slip(word, zone)]


def _is_slip(word: str, zone: str) -> bool:
    """Return whether the words differ by one letter, or by two neighbours exchanged."""
    longer, shorter = sorted((word, zone), key=len, reverse=True)
    if len(longer) == len(shorter) + 1:
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    differ = [at for at, pair in enumerate(zip(word, zone, strict=False)) if len(set(pair)) > 1]
    if len(word) != len(zone) or len(differ) != 2:
        return len(word) == len(zone) and len(differ) < 2
    first, last = differ
    return last == first + 1 and word[first:][:2] == zone[first:][:2][::-1]
