"""The data about an entry on its page for search engines (schema.org, NewsArticle, JSON-LD)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dateline.model import Correction, Entry, Headline, Media, Publication, Span
from dateline.render.feeds.common import stamp
from dateline.rules.labels import headline
from dateline.text.expressions import regex

HEADLINE = 110  # characters that Google accepts
_ADDRESS = r"https?://\S*[^\s.,;:)]"
# Words for events that are held online, in the six languages that have a catalogue.
_ONLINE = regex(
    rf"{_ADDRESS}|\b(?:online|on-line|webinars?|webinaires?|webinarios?|virtual|zoom|webex"
    r"|microsoft teams|google meet|en ligne|(?:en |par )?visio(?:conférences?)?|en línea"
    r"|(?:por )?videoconferencia|онлайн|вебинар\w*|(?:по )?видеосвяз\w*|видеоконференц\w*)\b"
    r"|(?:(?:[线線]上|[网網]上|在[线線])(?:会议|會議)?|视频会议|視訊會議)|عبر الإنترنت|عن بُ?عد",
    re.IGNORECASE,
)


def news_article(
    entry: Entry, publication: Publication, *, summary: str, translations: Sequence[Headline] = ()
) -> dict[str, object]:
    """Return the entry as a NewsArticle; properties without a value are left out.

    `mainEntityOfPage` is the organisation's own page where there is one.
    """
    story = entry.story
    page = f"{publication.url}{entry.slug}.html"
    own = publication.in_language(story.language)
    organisation = {"@type": "Organization", "name": own.author, "url": own.home}
    authors = [
        organisation if name in publication.authors else {"@type": "Person", "name": name}
        for name in story.authors
    ]
    found = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": f"{page}#article",
        "identifier": entry.id,
        "url": page,
        "mainEntityOfPage": (story.link or page).partition("#")[0],
        "headline": headline(entry)[:HEADLINE],
        "description": summary,
        "inLanguage": story.language,
        "datePublished": stamp(entry.published),
        "dateModified": stamp(entry.updated),
        "author": authors or [organisation],
        "publisher": organisation,
        "keywords": list(story.categories),
        "image": [_image(story.image)] if story.image else [],
        "associatedMedia": [_file(file) for file in story.attachments],
        "about": [_event(story.event, entry, page)] if story.event else [],
        "workTranslation": [_translation(one, publication) for one in translations],
        "correction": [*map(_correction, entry.corrections), *_retraction(entry)],
        "creativeWorkStatus": "Retracted" if entry.retracted else "",
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in found.items() if value}


def _image(image: Media) -> dict[str, object]:
    found = {
        "@type": "ImageObject",
        "url": image.url,
        "width": _pixels(image.width),
        "height": _pixels(image.height),
        "caption": image.caption or image.alt,
        "description": image.alt if image.caption else "",
        "creditText": image.credit,
    }
    return {name: value for name, value in found.items() if value}


def _pixels(count: int) -> dict[str, object] | None:
    # A number alone is no Distance; E37 is UN/CEFACT's code for the unit.
    return {"@type": "QuantitativeValue", "value": count, "unitCode": "E37"} if count else None


def _file(file: Media) -> dict[str, object]:
    found = {
        "@type": "MediaObject",
        "contentUrl": file.url,
        "encodingFormat": file.media_type,
        "name": file.own_title or file.title,
        "inLanguage": file.language or file.own_language,
        "contentSize": f"{file.length} B" if file.length else "",
    }
    return {name: value for name, value in found.items() if value}


def _retraction(entry: Entry) -> list[dict[str, object]]:
    """Return why an entry is retracted, for which schema.org has no term of its own."""
    if not entry.retracted:
        return []
    return [_correction(Correction(moment=entry.retracted, text=entry.story.retraction))]


def _correction(one: Correction) -> dict[str, object]:
    return {"@type": "CorrectionComment", "text": one.text, "datePublished": stamp(one.moment)}


def _event(event: Span, entry: Entry, page: str) -> dict[str, object]:
    """Return an event; a cancelled one keeps its name and day, with the status for that."""
    story = entry.story
    status = "EventCancelled" if entry.retracted else "EventScheduled"
    found = {
        "@type": "Event",
        "name": story.title,
        "startDate": stamp(event.start),
        "endDate": stamp(event.end),
        "eventStatus": f"https://schema.org/{status}",
        **_location(story.place, story.link or page),
    }
    return {name: value for name, value in found.items() if value}


def _location(place: str, page: str) -> dict[str, object]:
    """Return place and attendance mode of an event, or nothing where no place is given.

    A mere `-` or `?` is none.
    """
    online, rest = _ONLINE.search(place), _ONLINE.sub("", place)
    is_there = any(map(str.isalnum, rest))
    if not (online or is_there):
        return {}
    mode = ("Mixed" if is_there else "Online") if online else "Offline"
    address = online and re.search(_ADDRESS, place)
    room = {"@type": "VirtualLocation", "url": address[0] if address else page} if online else None
    somewhere = {"@type": "Place", "name": place} if is_there else None
    places = [one for one in (somewhere, room) if one]
    return {
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "location": places if len(places) > 1 else places[0],
    }


def _translation(one: Headline, publication: Publication) -> dict[str, object]:
    page = f"{publication.url}{one.slug}.html"
    return {
        "@type": "NewsArticle",
        "@id": f"{page}#article",
        "url": page,
        "headline": one.title[:HEADLINE],
        "inLanguage": one.language,
    }
