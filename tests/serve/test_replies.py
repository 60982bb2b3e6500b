"""A response is judged by what readers need: a feed whole, a page with all its text."""

from __future__ import annotations

import gzip
from dataclasses import replace
from email.utils import formatdate

import pytest

from dateline.serve.doctor.replies import DeliveryFault, ExpectedDocument, judge
from dateline.serve.doctor.verdict import PAUSES, Verdict
from dateline.system.condition import Code
from dateline.system.http import Reply

CHANGED = 1_764_000_000
PAGE = (
    b"<html><head><title>News</title><script>var a = 1</script></head>"
    b'<body><p>All of the text</p><a href="mailto:press@example.org">press@example.org</a></body>'
)
FEED = ExpectedDocument(
    path="news.rss",
    address="https://news.example.org/news.rss",
    media_type="application/rss+xml; charset=utf-8",
    data=b"<rss/>" * 300,
    changed=CHANGED,
    codings=("gzip", "br"),
    editions=((CHANGED - 100, 10.0), (CHANGED, 20.0)),
)
SITE = replace(FEED, path="a.html", media_type="text/html; charset=utf-8", data=PAGE, codings=())
HTML = "text/html; charset=UTF-8"


def reply(
    data: bytes, status: int = 200, media_type: str = FEED.media_type, **fields: str
) -> Reply:
    """Return a response."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return Reply(
        address=FEED.address,
        status=status,
        fields={"content-type": media_type, **named},
        data=data,
        seconds=0.1,
    )


def code(answer: Reply, document: ExpectedDocument = FEED, coding: str = "") -> Code | None:
    """Return what is wrong with a response."""
    fault = judge(answer, document, coding)
    return fault.code if fault else None


@pytest.mark.parametrize("media_type", [FEED.media_type, "application/xml", "text/xml"])
def test_the_live_bytes_are_right(media_type: str) -> None:
    """As they are, or in the coding that was asked for; XML is what some servers call a feed."""
    packed = reply(gzip.compress(FEED.data), media_type=media_type, content_encoding="gzip")

    assert code(reply(FEED.data, media_type=media_type)) is None
    assert code(packed, coding="gzip") is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply(b"<html>Please solve the CAPTCHA</html>", media_type=HTML), Code.BLOCKED),
        (reply(b"x", cf_mitigated="challenge"), Code.BLOCKED),
        (reply(b"", 202, HTML, x_amzn_waf_action="challenge"), Code.BLOCKED),
        (reply(b"Checking your browser", 503, HTML), Code.BLOCKED),
        (
            reply(gzip.compress(b"Enable JavaScript"), 503, HTML, content_encoding="gzip"),
            Code.BLOCKED,
        ),
        (reply(b"no", 403, "text/plain"), Code.BLOCKED),
        (reply(b"slowly", 429, "text/plain"), Code.BLOCKED),
        (reply(b"<html>502 Bad Gateway</html>", 502, HTML), Code.READER_ERROR),
        (reply(b"", 404), Code.READER_ERROR),
        (reply(b"", 301, location="https://other.example.org/"), Code.REDIRECTED),
        (reply(FEED.data, media_type="text/plain"), Code.MEDIA_TYPE),
        (reply(b"<html>the front page</html>", media_type=HTML), Code.MEDIA_TYPE),
        (reply(FEED.data + b"<!-- minified -->"), Code.ALTERED),
        (reply(gzip.compress(FEED.data), content_encoding="gzip"), Code.CODING),
        (reply(FEED.data[:-1], content_encoding="gzip"), Code.CODING),
        (reply(FEED.data, content_encoding="snappy"), Code.CODING),
        (reply(b"<rss/>", last_modified=formatdate(CHANGED - 100, usegmt=True)), Code.STALE),
        (reply(b"<rss/>", etag=f'W/"{CHANGED - 100:x}-6"'), Code.STALE),
        (reply(b"<rss/>", etag=f'"{CHANGED:x}-6"'), Code.ALTERED),
        (reply(b"<rss/>", last_modified="yesterday"), Code.ALTERED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_has_its_condition(answer: Reply, expected: Code) -> None:
    """What stands in the way is told from what is wrong with a copy."""
    assert code(answer) == expected


def test_a_copy_may_be_as_old_as_caches_may_keep_it() -> None:
    """It is none of our business until the edition after it was live for that long."""
    older, much_older = (
        judge(reply(b"<rss/>", last_modified=formatdate(CHANGED - age, usegmt=True)), FEED)
        for age in (100, 101)
    )

    assert older is not None
    assert older.until == 20.0
    assert much_older is not None
    assert much_older.until == 10.0


def test_an_old_copy_without_validators_is_known() -> None:
    """It has the bytes of the edition before."""
    before = replace(FEED, data=b"<rss/>", changed=CHANGED - 100)

    found = judge(reply(before.data), FEED, "", (before.digest, before.changed))

    assert found is not None
    assert (found.code, found.until) == (Code.STALE, 20.0)


def test_networks_may_rewrite_a_page() -> None:
    """They add scripts and hide mail addresses; all other text has to be there."""
    rewritten = PAGE.replace(b"press@example.org", b"[email&#160;protected]")
    rewritten = rewritten.replace(b"</body>", b"<script src=/beacon.js>x</script></body>")

    assert code(reply(rewritten, media_type=HTML), SITE) is None
    assert code(reply(PAGE.replace(b"All of the", b"Some"), media_type=HTML), SITE) == Code.ALTERED
    assert code(reply(rewritten, media_type="text/plain"), SITE) == Code.MEDIA_TYPE


def test_a_page_about_captchas_is_no_obstacle() -> None:
    """The words count only where what was published lacks them."""
    about = replace(SITE, data=PAGE.replace(b"All of the text", b"How a captcha works"))

    assert code(reply(about.data, media_type=HTML), about) is None


# ---- The verdict

STALE = DeliveryFault(code=Code.STALE, detail="a")
BLOCKED = DeliveryFault(code=Code.BLOCKED, detail="b")
Found = DeliveryFault | None


def verdict(*found: Found, begun: Verdict | None = None) -> Verdict:
    """Return the verdict after rounds that found this."""
    now = begun or Verdict()
    for one in found:
        now = now.after(one)
    return now


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([STALE] * 3, None),
        ([STALE] * 4, STALE),
        ([STALE, STALE, STALE, None, STALE, STALE], None),
        ([BLOCKED, STALE, BLOCKED, STALE], STALE),
        ([STALE] * 4 + [None], STALE),
        ([STALE] * 4 + [None, None], None),
        ([STALE] * 4 + [None, STALE, None], STALE),
        ([STALE] * 4 + [BLOCKED] * 3, STALE),
        ([STALE] * 4 + [BLOCKED] * 4, BLOCKED),
    ],
)
def test_a_verdict_needs_several_rounds(found: list[Found], expected: Found) -> None:
    """Four that find a fault one after another, or two that find none."""
    assert verdict(*found).fault == expected


def test_a_fault_is_confirmed_within_a_minute() -> None:
    """After the round that found it, the others follow soon, but not at once."""
    pauses = [verdict(*[STALE] * number).pause for number in range(5)]

    assert pauses == [None, *PAUSES, None]
    assert 20 <= sum(PAUSES) <= 30


def test_nothing_begins_or_ends_while_nobody_knows() -> None:
    """At the start, and while this machine has no network."""
    bad = verdict(*[STALE] * 4)

    assert [Verdict().is_known, verdict(STALE).is_known, verdict(None).is_known] == [
        False,
        False,
        True,
    ]
    assert (bad.is_known, bad.unknown().is_known, bad.unknown().fault) == (True, False, STALE)
    assert verdict(STALE, STALE, STALE, begun=Verdict().unknown()).fault is None
    assert verdict(None, begun=bad.unknown()).fault == STALE
