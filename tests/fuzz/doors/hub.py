"""The hub: no request makes it ask an address that is not the callback's, and no answer stops it.

The first byte chooses: a request as it comes to the hub (its media type, a line end, its form), or
what a subscriber sends back, as it is on the wire: to a question, or to a delivery.
"""

from __future__ import annotations

import asyncio
import atexit
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache, partial
from itertools import product
from urllib.parse import parse_qsl, urlencode, urlsplit

from yarl import URL

from dateline import config as configuration
from dateline.config import Config
from dateline.hub.lookups import Lookups
from dateline.hub.outcomes import Outcome, given_up, outcome
from dateline.hub.request import FORM, HubAnswer, judge
from dateline.hub.sending import Answer, Sender, signature
from dateline.hub.turns import LONGEST
from dateline.hub.verify import Consent, ask, question
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest
from dateline.ledger.queries.notices.subscriptions import Subscription
from dateline.model import HubSettings
from dateline.system.addresses import is_reachable
from fuzz.folders import temporary
from fuzz.inputs import pieces
from support.publication import CONFIG

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
ALLOWED = ("127.0.0.0/8",)
SETTINGS = HubSettings(lease=1000, lease_min=100, lease_max=2000, allow=ALLOWED)
SITE = "http://127.0.0.1:8000/"
CALLBACK = "https://reader.example.net/callback?id=7"
CHALLENGE = "Zm9yIHRoZSBmdXp6ZXI"
EDITION, PACE, LIMIT = 1_700_000_000_000, 1.25, 5.0
FIELDS = {"hub.mode": "subscribe", "hub.topic": f"{SITE}news.rss", "hub.callback": CALLBACK}
OTHERS: tuple[dict[str, str], ...] = (
    {}, {"hub.secret": "ключ", "hub.lease_seconds": "500"}, {"hub.mode": "unsubscribe"},
    {"hub.mode": "denied"}, {"hub.callback": "http://127.0.0.1:81/"}, {"hub.topic": "news.rss"},
    {"hub.callback": "http://[::1]/"}, {"hub.callback": "http://a@b/"},
    {"hub.lease_seconds": "9" * 400},
)  # fmt: skip
ANSWERS = (
    f"HTTP/1.1 200 OK\r\nContent-Length: {len(CHALLENGE)}\r\n\r\n{CHALLENGE}",
    f"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{CHALLENGE}\r\n0\r\n\r\n",
    f"HTTP/1.0 200 OK\r\n\r\n{CHALLENGE}\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 410 Gone\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 503 Away\r\nRetry-After: Wed, 25 Nov 2026 12:00:00 GMT\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "",
)  # fmt: skip
_STATUS = re.compile(rb"(?:\A|\n)HTTP/[^\n]*?[ \t](\d{3})\b")
WORDS = pieces("hub", CALLBACK, SITE, CHALLENGE)


def seeds() -> Iterator[bytes]:
    """Yield requests, as subscribers send them, and answers of each kind."""
    for more in OTHERS:
        yield b"\0" + f"{FORM}\r\n{urlencode({**FIELDS, **more})}".encode()
    for way, answer in product(b"\1\2", ANSWERS):
        yield bytes([way]) + answer.encode()


def tried(data: bytes) -> None:
    """Feed an input, and check what the hub makes of it."""
    way, rest = data[0] % 3 if data else 0, data[1:]
    if way == 0:
        check_judgement(judged(rest))
    elif way == 1:
        check_consent(asked(rest), rest)
    else:
        check_delivery(delivered(rest), rest)


def fed(data: bytes) -> None:
    """Feed an input, and check nothing."""
    way, rest = data[0] % 3 if data else 0, data[1:]
    (judged, asked, delivered)[way](rest)


# ---- Requests


@cache
def publication() -> Config:
    """Return the configuration of a publication that has not published yet."""
    place = temporary("hub") / "config.toml"
    place.write_text(CONFIG, encoding="utf-8")
    return configuration.load(place)


def judged(data: bytes) -> SubscriptionRequest | HubAnswer:
    """Return what becomes of a request."""
    media_type, _, body = data.partition(b"\r\n")
    return judge(
        body, media_type.decode("latin-1"), publication(), SETTINGS, now=MOMENT,
        challenge=CHALLENGE,
    )  # fmt: skip


def check_judgement(found: SubscriptionRequest | HubAnswer) -> None:
    """Check a refusal, or that the question goes to the callback and nowhere else."""
    if isinstance(found, HubAnswer):
        assert found.status[:3] in {"400", "415"}
        assert len(found.text.splitlines()) == 1 < len(found.text) < 200
        return
    assert found.mode in {Mode.SUBSCRIBE, Mode.UNSUBSCRIBE}
    assert SETTINGS.lease_min <= found.lease <= SETTINGS.lease_max
    assert found.path.isprintable()
    assert len(found.secret.encode()) < 200
    assert len(signature(found.secret, b"", "sha256")) == len("sha256=") + 64
    address = question(found, SITE)
    for each in (found.callback, address):
        assert each.isascii()
        assert each.isprintable()
        assert urlsplit(each).scheme in {"http", "https"}
        assert urlsplit(each).hostname == found.host
        assert not urlsplit(each).fragment
    own = dict(parse_qsl(address.removeprefix(found.callback).lstrip("?&"), strict_parsing=True))
    assert (own["hub.topic"], own["hub.challenge"]) == (SITE + found.path, CHALLENGE)
    check_host(found)


def check_host(found: SubscriptionRequest) -> None:
    """Check that what sends deliveries goes to the host that was judged, or refuses the address."""
    try:
        host = URL(found.callback, encoded=True).host
    except ValueError:
        return
    assert (host or "").lower() == found.host.lower(), (host, found.host)
    assert found.host != "localhost" or is_reachable("127.0.0.1", ALLOWED)


# ---- Answers


class Peer:
    """A subscriber that sends the same bytes to each request, and closes the connection."""

    def __init__(self) -> None:
        self.answer = b""
        self.loop = asyncio.new_event_loop()
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.callback = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        sender = Sender(partial(is_reachable, allowed=ALLOWED), limit=LIMIT)
        self.sender = self.loop.run_until_complete(sender.__aenter__())
        atexit.register(self.close)

    def close(self) -> None:
        """Close its connections."""
        self.loop.run_until_complete(self.sender.__aexit__(None, None, None))
        self.loop.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if length := re.search(rb"(?i)content-length: (\d+)", head):
                await reader.readexactly(int(length[1]))
            writer.write(self.answer)
            await writer.drain()
        except (OSError, EOFError):
            pass  # what is sent may be refused before its end
        finally:
            writer.close()


@cache
def peer() -> Peer:
    """Return the subscriber."""
    return Peer()


def asked(data: bytes) -> Consent:
    """Ask a subscriber that answers so, and return what that means."""
    other = peer()
    other.answer = data
    request = SubscriptionRequest(
        mode=Mode.SUBSCRIBE, path="news.rss", callback=other.callback, host="127.0.0.1",
        challenge=CHALLENGE, received=MOMENT,
    )  # fmt: skip
    return other.loop.run_until_complete(ask(request, SITE, SETTINGS, Lookups(1)))


def check_consent(found: Consent, data: bytes) -> None:
    """Check that a subscriber agreed only if it succeeded and repeated the challenge."""
    if data in {ANSWERS[0].encode(), ANSWERS[1].encode(), ANSWERS[2].encode()}:
        assert found is Consent.AGREED
    if found is Consent.AGREED:
        assert any(status.startswith(b"2") for status in _STATUS.findall(data)), data
        assert set(CHALLENGE.encode()) <= set(data)


def delivered(data: bytes) -> tuple[Answer, Outcome]:
    """Deliver to a subscriber that answers so; return the answer, and what follows."""
    other = peer()
    other.answer = data
    answer = other.loop.run_until_complete(
        other.sender.post(other.callback, {"Content-Type": "application/rss+xml"}, b"<rss/>")
    )
    tries = len(data) % 40
    row = Subscription(
        digest="ab" * 16, path="news.rss", callback=other.callback, host="127.0.0.1", secret="",
        confirmed=0, edition=0, tries=tries, since=MOMENT - 3600 * tries * tries if tries else None,
    )  # fmt: skip
    return answer, outcome(row, EDITION, answer, NOW, PACE)


def check_delivery(found: tuple[Answer, Outcome], data: bytes) -> None:
    """Check that only a success counts as one, only 410 ends, and a pause has bounds."""
    answer, after = found
    statuses = {int(one) for one in _STATUS.findall(data)}
    assert answer.status in {0, *statuses}, (answer, data)
    assert after.is_over == (answer.status == 410)
    assert bool(after.failure) == (not after.is_over and not 200 <= answer.status < 300)
    if after.failure:
        due = after.failure.due
        assert due == given_up(EDITION) or 60 <= due - MOMENT <= LONGEST * PACE
