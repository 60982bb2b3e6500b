"""What do machines read of an entry on its page? (schema.org, NewsArticle, as JSON-LD.)"""

from __future__ import annotations

from collections.abc import Sequence

from dateline.model import Entry, Headline, Media, Publication, Span, Story
from dateline.render.issue import stamp

_HEADLINE = 110  # characters that Google takes


def news_article(
    entry: Entry, publication: Publication, *, summary: str, translations: Sequence[Headline] = ()
) -> dict[str, object]:
    """Give the entry as a NewsArticle; what is not known is left out.

    `mainEntityOfPage` is the organisation's own page where there is one.
    """
    story = entry.story
    page = f"{publication.url}{entry.slug}.html"
    organisation = {"@type": "Organization", "name": publication.author, "url": publication.home}
    authors = [
        organisation if name == publication.author else {"@type": "Person", "name": name}
        for name in story.authors
    ]
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": f"{page}#article",
        "identifier": entry.id,
        "url": page,
        "mainEntityOfPage": story.link or page,
        "headline": story.title[:_HEADLINE],
        "description": summary,
        "inLanguage": story.language,
        "datePublished": stamp(entry.published),
        "dateModified": stamp(entry.updated),
        "author": authors or [organisation],
        "publisher": organisation,
        "keywords": list(story.categories),
        "image": [_image(story.image)] if story.image else [],
        "associatedMedia": [_file(file) for file in story.attachments],
        "about": [_event(story.event, story)] if story.event else [],
        "workTranslation": [_translation(one, publication) for one in translations],
        "correction": [
            {"@type": "CorrectionComment", "text": one.text, "datePublished": stamp(one.moment)}
            for one in entry.corrections
        ],
        "creativeWorkStatus": "Retracted" if entry.retracted else "",
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in said.items() if value}


def _image(image: Media) -> dict[str, object]:
    said = {
        "@type": "ImageObject",
        "url": image.url,
        "width": _pixels(image.width),
        "height": _pixels(image.height),
        "caption": image.alt,
        "creditText": image.credit,
    }
    return {name: value for name, value in said.items() if value}


def _pixels(count: int) -> dict[str, object] | None:
    # A number alone is no Distance; E37 is UN/CEFACT's code for the unit.
    return {"@type": "QuantitativeValue", "value": count, "unitCode": "E37"} if count else None


def _file(file: Media) -> dict[str, object]:
    said = {
        "@type": "MediaObject",
        "contentUrl": file.url,
        "encodingFormat": file.media_type,
        "name": file.title,
        "contentSize": f"{file.length} B" if file.length else "",
    }
    return {name: value for name, value in said.items() if value}


def _event(event: Span, story: Story) -> dict[str, object]:
    said = {
        "@type": "Event",
        "name": story.title,
        "startDate": stamp(event.start),
        "endDate": stamp(event.end),
        "location": {"@type": "Place", "name": story.place} if story.place else None,
    }
    return {name: value for name, value in said.items() if value}


def _translation(one: Headline, publication: Publication) -> dict[str, object]:
    page = f"{publication.url}{one.slug}.html"
    return {
        "@type": "NewsArticle",
        "@id": f"{page}#article",
        "url": page,
        "headline": one.title[:_HEADLINE],
        "inLanguage": one.language,
    }
