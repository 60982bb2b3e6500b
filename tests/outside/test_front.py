"""nginx and Caddy, configured by `publisher.py front`, respond like Dateline alone."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from random import Random
from urllib.parse import quote, unquote

import httpx
import pytest
from PIL import Image

from dateline.documents import manifest
from dateline.documents.compression import is_page_of_entries
from dateline.documents.manifest import DocumentListing
from dateline.render.pages import STATIC, icons
from dateline.serve.cache.conditional import coding_of
from dateline.system.decompression import decoded
from outside.fronting import configured, printed, proxy, raw, validated
from outside.programs import refusal
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, PUBLISHER, Served, exchange, free_port, serve, until
from support.staff import WORD

pytestmark = pytest.mark.outside

PROGRAMS = ["nginx", "caddy"]
STAFF = "staff.example.org"
AWAY = {"nginx": {"X-Forwarded-For": "192.0.2.1"}, "caddy": {"X-Forwarded-For": "192.0.2.2"}}
SIGN_ON = """
trusted = ["127.0.0.1"]
header = "Remote-User"
[[newsroom.person]]
name = "Desk"
role = "editor"
"""
OTHERS = """
[topics]
feeds = true
[moved]
"old" = "news"
"2020/05/of-old/" = "news.html"
"http://old.example.org/" = "https://news.example.org/"
[gone]
addresses = ["ended", "2020/05/ended/"]
[[cdn]]
kind = "command"
command = ["true"]
"""
ACCEPTS = {
    "": ["identity", "gzip;q=0, br;q=0.000", "deflate", "xgzip, brz"],
    "gzip": ["gzip", "gzip, deflate", "br;q=0, GZIP ; q=0.5", "deflate,gzip;q=1.0,identity;q=0.5"],
    "br": ["br", "gzip, deflate, br", "gzip, deflate, br, zstd", "br;q=0.9, gzip;q=0.1"],
    "zstd": ["zstd", "deflate, zstd;q=0.01"],
}
# Links to previous and next archives change with the news, and are in the documents.
HISTORY = re.compile(r', <[^>]*>; rel="(?:prev|next)-archive"')
SAME = [
    "last-modified", "content-type", "content-encoding", "vary", "access-control-allow-origin",
    "access-control-expose-headers", "x-content-type-options", "accept-ranges",
    "content-security-policy", "cache-tag", "surrogate-key",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A proxy, and the server behind it."""

    program: str
    room: Newsroom
    front: httpx.Client
    own: httpx.Client
    served: Served
    behind: Served
    log: Path

    def __iter__(self) -> Iterator[httpx.Client]:
        """Yield both, to send each the same request."""
        return iter((self.front, self.own))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication with every kind of document, and with removed addresses."""
    folder = tmp_path_factory.mktemp("front")
    port = f"[serve]\nport = {free_port()}\nmetrics = true\n"
    port += f'[newsroom]\ntoken = "{WORD}"\nport = {free_port()}\nurl = "https://{STAFF}"\n'
    port += f"max_upload = 2000000\n{SIGN_ON}"
    hubs = 'author = "Example"\nhubs = ["https://hub.example.org/?a=b\'c$d"]'
    text = CONFIG.replace('author = "Example"', hubs) + port + OTHERS
    text = text.replace('name = "news"\n', 'name = "news"\nentries = 2\ndays = 0\n')
    (folder / "config.toml").write_text(text, encoding="utf-8")
    now = datetime.now(UTC).replace(microsecond=0)
    room = Newsroom(folder, now=now - timedelta(hours=1))
    files = {"image": '"harbour.png"', "image_alt": '"A"'}
    files["event"] = (now + timedelta(days=7)).date().isoformat()
    files["attachments"] = '["list.csv", "tiny.csv"]'
    room.drop("first.toml", entry_file("First", **files))
    Image.new("RGB", (80, 60), "navy").save(folder / "entries/harbour.png")
    room.drop("list.csv", "port,ships\n" * 100)
    room.drop("tiny.csv", "a,b\n")  # no coded form of it is smaller
    for number in range(5):
        topics = '["Lebanon", "Ports"]'
        room.drop(f"{number}.toml", entry_file(f"Report {number}", categories=topics))
    # Longer than gzip looks back: each coding saves much over it, and so has a form.
    chance = Random(1)  # noqa: S311 - repeatable
    words = [f"{chance.randrange(10 ** chance.randrange(3, 9)):x}" for _ in range(300)]
    text, more = (" ".join(chance.choices(words, k=8000)) for _ in range(2))
    room.drop("4.toml", entry_file("Report 4", categories=topics, body=f'"{text} {text} {more}"'))
    room.build()
    return room


@pytest.fixture(scope="module")
def own(room: Newsroom) -> Iterator[Served]:
    """Yield Dateline, serving."""
    with serve(room.folder, port=room.config.port) as served:
        assert until(lambda: served.get("news.rss").status_code == 200)
        yield served


@pytest.fixture(scope="module", params=PROGRAMS)
def pair(room: Newsroom, own: Served, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Yield each proxy with the server behind it, and clients that follow no redirect."""
    log = room.folder / f"{request.param}.log"
    with (
        proxy(request.param, room.folder / "config.toml", log) as served,
        client(served) as front,
        client(own) as behind,
    ):
        yield Pair(
            program=request.param,
            room=room,
            front=front,
            own=behind,
            served=served,
            behind=own,
            log=log,
        )


def client(served: Served) -> httpx.Client:
    """Return a client that requests no coding by itself."""
    plain = {"Accept-Encoding": "identity", "User-Agent": "Reader/1.0"}
    return httpx.Client(base_url=served.url, timeout=PATIENCE, headers=plain)


def listings(pair: Pair) -> list[DocumentListing]:
    """Return every document of the manifest."""
    return list(manifest.documents(pair.room.folder / "feeds"))


def content(client: httpx.Client, path: str, **fields: str) -> tuple[httpx.Response, bytes]:
    """Send a request; return the response, and its bytes as transferred."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    with client.stream("GET", path, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


def test_the_publication_has_every_kind_of_document(pair: Pair) -> None:
    """So the tests below cover each kind."""
    paths = " ".join(one.path for one in listings(pair))

    for part in (
        "news.rss",
        "lebanon.atom",
        "archive/news/1.json",
        "index.html",
        "style.css",
        "topics/ports.rss",
        "topics/ports.html",
    ):
        assert part in paths
    for part in ("news.ics", "feeds.opml", "robots.txt", "sitemap.xml", "sitemap-1.xml"):
        assert part in paths
    assert re.search(r"\b\d{4}/\d\d/first\.html", paths)
    assert re.search(r"\b\d{4}/\d\d/first\.ics", paths)
    assert re.search(r"media/\S+\.png", paths)
    assert re.search(r"media/\S+\.csv", paths)


# ---- Documents


@pytest.mark.parametrize("coding", ACCEPTS)
def test_every_document_is_the_same_in_every_coding(pair: Pair, coding: str) -> None:
    """Bytes, validators, types, and fields for caches and scripts."""
    for listing in listings(pair):
        for accept in ACCEPTS[coding]:
            (front, sent), (own, expected) = (
                content(one, listing.path, Accept_Encoding=accept) for one in pair
            )

            is_packed = own.headers.get("etag", "").startswith("W/")
            if is_packed:  # each uses a library of its own
                sent, expected = (decoded("gzip", data) for data in (sent, expected))
            assert (front.status_code, sent) == (own.status_code, expected), listing.path
            assert own.status_code == 200
            wanted = coding_of(accept, {"gzip": 0}) if is_page_of_entries(listing) else ""
            assert is_packed == bool(wanted), listing.path
            if listing.codings:
                chosen = coding_of(accept, listing.sizes)
                assert own.headers.get("content-encoding", "") == chosen
                if coding in listing.sizes:
                    assert chosen == coding
            is_tiny = listing.path.endswith(".csv") and not listing.codings
            for name in SAME:
                if name == "vary" and is_tiny:
                    continue  # a proxy may add that it depends on the coding
                assert front.headers.get(name) == own.headers.get(name), (listing.path, name)
            if pair.program == "nginx":
                assert front.headers["etag"] == own.headers["etag"]
                assert is_packed or front.headers["content-length"] == str(len(sent))
            linked = HISTORY.sub("", own.headers.get("link", ""))
            if pair.program == "nginx":  # it has no other notation for a dollar
                linked = linked.replace("b'c$d", "b'c%24d")
            assert front.headers.get("link", "") == linked


def test_each_coding_has_an_etag_of_its_own(pair: Pair) -> None:
    """They are strong, also those that the proxy makes."""
    (listed,) = (one for one in listings(pair) if one.path == "news.rss")
    tags = {
        pair.front.get("news.rss", headers={"Accept-Encoding": name}).headers["etag"]
        for name in ("identity", *listed.sizes)
    }

    assert len(tags) == 1 + len(listed.sizes) > 1
    assert not [tag for tag in tags if tag.startswith("W/")]


def test_no_lifetime_exceeds_datelines(pair: Pair) -> None:
    """Feeds, archives and lists have a minute, and are never stale; others are equal."""
    for listing in listings(pair):
        said, expected = (one.get(listing.path).headers["cache-control"] for one in pair)

        is_own = listing.path in {*STATIC, *icons.TYPES, "card.png"}
        lasts = is_own or re.match(r"media/|\d{4}/\d\d/(?!index\.)", listing.path)
        passes = listing.role > 2 or not lasts
        assert said == ("max-age=60" if passes else expected), listing.path


def test_the_front_page_is_the_index(pair: Pair) -> None:
    """Both addresses have the same bytes and validators."""
    page, index = pair.front.get("/"), pair.front.get("/index.html")

    assert page.status_code == 200
    assert (page.content, page.headers["etag"]) == (index.content, index.headers["etag"])


def test_a_head_is_a_get_without_its_content(pair: Pair) -> None:
    """All fields are equal, except that Caddy omits the length of a coded form."""
    for path in [*(one.path for one in listings(pair)), "", "old.rss", "ended.rss", "nothing"]:
        get, head = pair.front.get(path), pair.front.head(path)

        assert (head.status_code, head.content) == (get.status_code, b"")
        # nginx ends a connection after its thousandth request, whichever that is.
        passing = {"date": "", "connection": ""}
        assert {**head.headers, **passing} == {**get.headers, **passing}


def test_a_head_has_the_length_of_the_coded_form_or_none(pair: Pair) -> None:
    """A cache that compares them keeps its copy (RFC 9110, section 8.6; RFC 9111, 4.3.5)."""
    coded = {"Accept-Encoding": "gzip"}
    for path in ["", *(one.path for one in listings(pair))]:
        get, head = (pair.front.request(one, path, headers=coded) for one in ("GET", "HEAD"))

        assert head.headers.get("content-length") in {None, get.headers.get("content-length")}


# ---- Validators


def test_validators_of_proxy_and_dateline_are_interchangeable(pair: Pair) -> None:
    """304 in both directions, in every coding; with Caddy only for times, and its own."""
    both = (pair.front, pair.own)
    directions = [both, both[::-1]] if pair.program == "nginx" else [(both[0], both[0])]
    for listing in listings(pair):
        for first, second in directions:
            for coding in ["identity", *listing.sizes]:
                accept = {"Accept-Encoding": coding}
                known = first.get(listing.path, headers=accept).headers
                whole = second.get(listing.path, headers=accept).headers
                answers = [
                    second.get(listing.path, headers={**accept, "If-None-Match": match})
                    for match in (known["etag"], f'"x", W/{known["etag"].removeprefix("W/")}', "*")
                ]
                for answer in answers:
                    assert (answer.status_code, answer.content) == (304, b"")
                    assert answer.headers["etag"] == known["etag"]
                    assert answer.headers["cache-control"]
                    assert answer.headers.get("vary") == whole.get("vary")
                    assert answer.headers.get("link") == whole.get("link")
                    assert "content-encoding" not in answer.headers
                    assert "content-type" not in answer.headers


@pytest.mark.parametrize(("later", "status"), [(-1, 200), (0, 304), (1000, 304)])
def test_the_time_is_a_validator_for_all_servers(pair: Pair, later: int, status: int) -> None:
    """To the second; a time later than the change gives 304 too."""
    changed = parsedate_to_datetime(pair.own.get("news.rss").headers["last-modified"])
    since = format_datetime(changed + timedelta(seconds=later), usegmt=True)

    answers = [one.get("news.rss", headers={"If-Modified-Since": since}) for one in pair]

    assert [one.status_code for one in answers] == [status, status]


@pytest.mark.parametrize(
    ("fields", "by_nginx", "by_caddy", "by_dateline"),
    [
        ({"If-None-Match": "{etag}", "If-Modified-Since": "{old}"}, 200, 304, 304),
        ({"If-None-Match": '"x"', "If-Modified-Since": "{new}"}, 200, 200, 200),
        ({"If-None-Match": "{etag-gzip}"}, 200, 200, 304),
        ({"If-Match": '"x"'}, 412, 412, 412),
        ({"If-Match": "*"}, 200, 200, 200),
        ({"If-Unmodified-Since": "{old}"}, 412, 412, 412),
    ],
    ids=str,
)
def test_differences_are_documented(
    pair: Pair, fields: dict[str, str], by_nginx: int, by_caddy: int, by_dateline: int
) -> None:
    """`docs/front.md` lists them."""
    statuses = []
    for one in pair:
        etag = one.get("news.rss").headers["etag"]
        values = {
            "{etag}": etag,
            "{etag-gzip}": etag[:-1] + '-gzip"',
            "{old}": "Mon, 20 Oct 2008 10:00:00 GMT",
            "{new}": format_datetime(datetime.now(UTC), usegmt=True),
        }
        sent = {name: values.get(value, value) for name, value in fields.items()}
        answer = one.get("news.rss", headers=sent)
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        statuses.append(answer.status_code)

    assert statuses == [by_nginx if pair.program == "nginx" else by_caddy, by_dateline]


@pytest.mark.parametrize(
    ("accept", "by_nginx", "by_caddy"),
    [
        ("gzip, br;q=0.9", "br", "gzip"),
        ("*", None, None),
        ("zstd, gzip", "gzip", "gzip"),
        ("identity, gzip;q=0.5", "gzip", "gzip"),
    ],
)
def test_another_coding_may_be_chosen(
    pair: Pair, accept: str, by_nginx: str | None, by_caddy: str | None
) -> None:
    """But only one that the request accepts."""
    front, own = (
        one.get("news.rss", headers={"Accept-Encoding": accept}).headers.get("content-encoding")
        for one in pair
    )
    (sizes,) = (one.sizes for one in listings(pair) if one.path == "news.rss")

    assert own == (coding_of(accept, sizes) or None)
    assert front == (by_nginx if pair.program == "nginx" else by_caddy)


def test_a_304_of_caddy_omits_last_modified(pair: Pair) -> None:
    """RFC 9110, section 15.4.5, allows that beside an ETag."""
    answer = pair.front.get("news.rss", headers={"If-None-Match": "*"})

    assert answer.status_code == 304
    assert ("last-modified" in answer.headers) == (pair.program == "nginx")


# ---- Ranges


@pytest.mark.parametrize("part", ["bytes=0-9", "bytes=-5", "bytes=10-", "bytes=999999999-"])
def test_files_have_ranges_and_feeds_have_not(pair: Pair, part: str) -> None:
    """206 and 416 for a picture; a feed is sent whole."""
    picture = next(one.path for one in listings(pair) if one.path.endswith(".png"))
    for path in (picture, "news.rss"):
        front, own = (one.get(path, headers={"Range": part}) for one in pair)

        assert front.status_code == own.status_code
        assert front.headers.get("content-range") == own.headers.get("content-range")
        assert front.status_code == 416 or front.content == own.content


def test_a_range_is_of_the_requested_version(pair: Pair) -> None:
    """`If-Range` with the current tag gives the range, with another the whole."""
    picture = next(one.path for one in listings(pair) if re.fullmatch(r"media/\S+\.png", one.path))
    etag = pair.front.get(picture).headers["etag"]

    statuses = [
        pair.front.get(picture, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code
        for tag in (etag, '"x"')
    ]

    assert statuses == [206, 200]


# ---- The rest is Dateline's


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("GET", "news.rss", {"Sec-Fetch-Dest": "document"}, 303),
        ("GET", "archive/news/1.atom", {"Sec-Fetch-Dest": "document"}, 303),
        ("GET", "index.html", {"Sec-Fetch-Dest": "document"}, 200),
        ("GET", "old.rss", {}, 301),
        ("GET", "feed", {}, 301),
        ("GET", "feed/", {}, 301),
        ("GET", "feed/?paged=2", {}, 301),
        ("HEAD", "2020/05/of-old/", {}, 301),
        ("GET", "2020/05/ended/", {}, 410),
        ("GET", "rss", {}, 301),
        ("GET", "rss.xml", {}, 301),
        ("GET", "atom.xml", {}, 301),
        ("GET", "feed.json", {}, 301),
        ("GET", "index.xml", {}, 301),
        ("GET", "feed.xml", {}, 301),
        ("GET", "ended.rss", {}, 410),
        ("GET", "2008/10/nothing.html", {}, 404),
        ("GET", "nothing.rss?a=b", {}, 404),
        ("GET", "news.rss", {"Host": "old.example.org"}, 301),
        ("GET", "2008/10/x.html?a=b", {"Host": "old.example.org"}, 301),
        ("POST", "news.rss", {}, 405),
        ("DELETE", "", {}, 405),
        ("OPTIONS", "news.rss", {}, 204),
        ("OPTIONS", "nothing", {}, 204),
    ],
    ids=str,
)
def test_other_requests_are_answered_by_dateline(
    pair: Pair, method: str, path: str, fields: dict[str, str], status: int
) -> None:
    """With the same status, fields and bytes."""
    answers = [one.request(method, path, headers=fields) for one in pair]

    front, own = ({**one.headers, "date": "", "server": "", "connection": ""} for one in answers)
    assert [one.status_code for one in answers] == [status, status]
    assert answers[0].content == answers[1].content
    if path != "index.html":
        assert {name: front.get(name) for name in own} == own


@pytest.mark.parametrize(
    "target",
    [
        "/.manifest.json", "/.manifest.sqlite", "/.looked.json", "/%2emanifest.json",
        "/news.rss.gz", "/news.rss.br", "/news.rss.zst", "/news.rss/", "/NEWS.RSS",
        "//news.rss", "/..%2fconfig.toml", "/../config.toml", "/unpromised.txt",
        "/.new/news.rss", "/2008/", "/media/", "/archive/news/", "/news", "/news.rss%00.html",
    ],
)  # fmt: skip
def test_only_documents_can_be_reached(pair: Pair, target: str) -> None:
    """No other file in `feeds/` or beside it."""
    feeds = pair.room.folder / "feeds"
    (feeds / "unpromised.txt").write_text("SECRET", encoding="utf-8")
    (feeds / ".new").mkdir(exist_ok=True)
    (feeds / ".new/news.rss").write_text("SECRET", encoding="utf-8")

    status, _ = raw(pair.served, target)

    merges_slashes = pair.program == "caddy" and target == "//news.rss"
    assert status in ({200} if merges_slashes else {400, 404})


def test_metrics_stay_private(pair: Pair) -> None:
    """Dateline serves them, and the proxy answers 404."""
    assert [one.get("metrics").status_code == 404 for one in pair] == [True, False]
    for target in (
        "//metrics",
        "///metrics",
        "/%2fmetrics",
        "/metrics?a=b",
        "/./metrics",
        "/%6detrics",
    ):
        status, _ = raw(pair.served, target)
        assert status == 404, target


def test_another_spelling_of_a_target_is_the_same_target(pair: Pair) -> None:
    """Needless percents, a query, absolute form, HTTP/1.0."""
    for target in ("/news%2Erss", "/news.rss?utm_source=x", "http://x/news.rss"):
        status, _ = raw(pair.served, target)
        assert status == 200


def test_a_request_without_a_host_is_passed_on(pair: Pair) -> None:
    """HTTP/1.0 need not name one, and nginx finds that of HTTP/3 elsewhere."""
    answers = [
        exchange(server.port, b"GET /feed HTTP/1.0\r\n\r\n").split(maxsplit=2)[1]
        for server in (pair.served, pair.behind)
    ]

    assert answers == [b"301", b"301"]


def test_a_new_document_is_served_at_once(pair: Pair) -> None:
    """The proxy needs no notification, and the first response is the new one."""
    room = pair.room
    title = f"Just in, {pair.program}"
    (room.folder / "entries" / f"{pair.program}.toml").write_text(entry_file(title), "utf-8")

    assert until(lambda: title in pair.own.get("news.json").text)
    assert title in pair.front.get("news.json").text
    for coding in ACCEPTS:
        accept = {"Accept-Encoding": coding or "identity"}
        tags = [one.get("news.json", headers=accept).headers["last-modified"] for one in pair]
        assert tags[0] == tags[1]


# ---- The log


AGENT, LOGGED = 'Log "1" (desk@example.org)', 'Log "1" ((mail))'


def test_the_log_has_requests_without_personal_data(pair: Pair) -> None:
    """JSON, with a line for each response; no query, no address of a client."""
    accept = {"Accept-Encoding": "gzip", "X-Forwarded-For": "192.0.2.7", "Cookie": "a=192.0.2.8"}
    accept["X-Client-Ip"] = "192.0.2.9"
    pair.front.get("news.rss?token=SECRET", headers={**accept, "User-Agent": AGENT})

    def lines() -> list[str]:
        text = pair.log.read_text("utf-8") if pair.log.exists() else ""
        return [line for line in text.splitlines() if 'Log \\"1\\"' in line]

    assert until(lambda: bool(lines()))
    (line,) = lines()
    found = json.loads(line)
    for word in ("192.0.2", "remote", "SECRET", "Cookie", "desk@"):
        assert word not in line
    size = (pair.room.folder / "feeds/news.rss.gz").stat().st_size
    if pair.program == "caddy":
        assert (found["request"]["uri"], found["status"], found["size"]) == ("/news.rss", 200, size)
        assert found["request"]["headers"]["User-Agent"] == [LOGGED]
        assert found["resp_headers"]["Content-Encoding"] == ["gzip"]
        assert {"ts", "duration"} <= set(found)
        return
    assert datetime.fromisoformat(found.pop("time")).utcoffset() is not None
    assert isinstance(found.pop("seconds"), float)
    assert found == {
        "method": "GET",
        "path": "/news.rss",
        "status": 200,
        "bytes": size,
        "agent": LOGGED,
        "coding": "gzip",
    }


def test_staff_reach_the_newsroom(pair: Pair) -> None:
    """By its own name; what they send may be large, and wrong tokens count for their address."""
    bearer = {"Host": STAFF, "Authorization": f"Bearer {WORD}"}
    name, files = f"drop/{pair.program}.csv", pair.room.folder / "entries"
    large = b"port,ships\n" * 150_000
    assert until(lambda: pair.front.get("", headers={"Host": STAFF}).status_code != 502)
    signed_in = pair.front.get("", params={"token": WORD}, headers={"Host": STAFF})
    sent = pair.front.put(name, content=large, headers=bearer)
    too_large = pair.front.put(name, content=large * 2, headers=bearer)
    outsider = pair.front.get("", headers={"Host": STAFF})
    forged = pair.front.get("", headers={"Host": STAFF, "Remote-User": "Desk"})
    wrong = [
        pair.front.get(name, headers={**bearer, "Authorization": f"Bearer {number}"})
        for number in range(10)
    ]
    paused, inside = pair.front.get(name, headers=bearer), pair.room.config.newsroom.port
    own = httpx.get(f"http://127.0.0.1:{inside}/{name}", headers={**bearer, **AWAY[pair.program]})

    assert (signed_in.status_code, "Secure" in signed_in.headers["Set-Cookie"]) == (200, True)
    assert (sent.status_code, (files / f"{pair.program}.csv").read_bytes()) == (201, large)
    assert (outsider.status_code, forged.status_code) == (303, 303)
    assert too_large.status_code == 413
    assert {one.status_code for one in (*wrong, paused)} == {401}
    assert own.status_code == 200
    assert WORD not in pair.log.read_text("utf-8")


# ---- Without Dateline


@pytest.mark.parametrize("program", PROGRAMS)
def test_documents_are_served_while_dateline_is_down(newsroom: Newsroom, program: str) -> None:
    """In each coding, also at the addresses of the front page and of folders."""
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f"[serve]\nport = {free_port()}\n")
    newsroom.drop("a.toml")
    newsroom.build()
    config = newsroom.folder / "config.toml"
    with proxy(program, config, newsroom.folder / "log") as served, client(served) as front:
        statuses = {
            front.get(path, headers={"Accept-Encoding": coding or "identity"}).status_code
            for path in [*(path.removesuffix("index.html") for path in newsroom.feeds())]
            for coding in ACCEPTS
        }
        rest = front.get("feed").status_code

    assert statuses == {200}
    assert rest == 502


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("url", ["https://news.example.org/", "http://example.org:8080/press/"])
def test_the_configuration_for_the_public_address_is_valid(
    tmp_path: Path, program: str, url: str
) -> None:
    """The address decides name, port and prefix; the program accepts the configuration."""
    file = tmp_path / "config.toml"
    staff = f'[newsroom]\ntoken = "{WORD}"\nurl = "https://{STAFF}"\n{SIGN_ON}'
    before = f'[moved]\n"{httpx.URL(url).copy_with(port=8000)}" = "{url}"\n'  # of the same machine
    text = CONFIG.replace("http://127.0.0.1:8000/", url)
    text += OTHERS.replace("[moved]\n", before) + staff
    file.write_text(text, encoding="utf-8")

    text = printed(program, file, "--log", str(tmp_path / "log"))

    assert validated(program, text, tmp_path / program)
    assert httpx.URL(url).host in text
    assert ("8080" in text) == ("8080" in url)


def test_two_publications_share_an_nginx(tmp_path: Path) -> None:
    """Each has its own documents and codings, in one configuration of nginx."""
    texts, ports = [], [free_port(), free_port()]
    for port, codings in zip(ports, ("[]", '["gzip"]'), strict=True):
        (folder := tmp_path / str(port)).mkdir()
        room = Newsroom(folder)
        own = f"{CONFIG}\n[serve]\nport = {free_port()}\ncodings = {codings}\n"
        (room.folder / "config.toml").write_text(own, encoding="utf-8")
        room.drop("a.toml", entry_file(f"Number {port}"))
        room.build()
        words = ["--host", "127.0.0.1", "--port", str(port), "--log", str(tmp_path / "log")]
        texts.append(printed("nginx", room.folder / "config.toml", *words))
    with configured("nginx", "".join(texts), tmp_path / "nginx", ports[1]):
        found = [httpx.get(f"http://127.0.0.1:{port}/news.rss") for port in ports]

    assert [f"Number {port}" in one.text for port, one in zip(ports, found, strict=True)] == [1, 1]
    assert [one.headers.get("Content-Encoding") for one in found] == [None, "gzip"]


@pytest.mark.parametrize("below", ["press/news", "l’été/a%20b~$c;d"])
def test_a_site_below_a_path_is_served_there(newsroom: Newsroom, below: str) -> None:
    """Both documents and Dateline's own responses, by each program; documents without it, too."""
    port = free_port()
    file = newsroom.folder / "config.toml"
    text = file.read_text("utf-8").replace("8000/", f"8000/{below}/")
    file.write_text(f"{text}[serve]\nport = {port}\nmetrics = true\n", encoding="utf-8")
    newsroom.drop("a.toml")
    newsroom.build()
    with serve(newsroom.folder, port=port):
        for program in PROGRAMS:
            with proxy(program, file, newsroom.folder / f"{program}.log") as served:
                _check_below(served, below)
    for program in PROGRAMS:
        with proxy(program, file, newsroom.folder / f"{program}.log") as served:
            found = [served.get(f"{below}/{one}") for one in ("", "news.rss", "2026/", "feed")]
            assert [one.status_code for one in found] == [200, 200, 200, 502]


@pytest.mark.parametrize("program", PROGRAMS)
def test_documents_have_names_that_begin_as_the_path_of_the_site(
    newsroom: Newsroom, program: str
) -> None:
    """A server in front may have removed the path: what is left is the document's own name."""
    file = newsroom.folder / "config.toml"
    text = file.read_text("utf-8").replace("8000/", "8000/news/")
    file.write_text(f"{text}[serve]\nport = {free_port()}\n", encoding="utf-8")
    newsroom.drop("a.toml")
    newsroom.build()
    with proxy(program, file, newsroom.folder / f"{program}.log") as served:
        found = [served.get(one) for one in ("news.rss", "news/news.rss", "news/")]

    types = [one.headers["Content-Type"].partition(";")[0] for one in found]
    assert types == ["application/rss+xml", "application/rss+xml", "text/html"]


def _check_below(served: Served, path: str) -> None:
    found = ("", "news.rss", "2026/", "feed", "nothing", "feed/")
    answers = [served.get(f"{path}/{one}") for one in found]
    slashless = served.get(path)
    place = quote(path, safe="/~%$;")
    hidden = [
        raw(served, f"/{place}{one}")[0]
        for one in ("/metrics", "//metrics", "/%2fmetrics", f"/{place}/metrics")
    ]

    assert [one.status_code for one in answers] == [200, 200, 200, 301, 404, 301]
    assert [answers[at].headers["location"] for at in (3, 5)] == ["news.rss", "../news.rss"]
    assert slashless.status_code == 301
    assert unquote(slashless.headers["location"]) == f"/{unquote(path)}/"
    assert hidden == [404] * 4


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_proxy_cannot_have_datelines_port(tmp_path: Path, program: str) -> None:
    """The shipped configuration has one port for both; the message has the text to type."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")

    said = refusal([sys.executable, PUBLISHER, "front", program], folder=tmp_path)

    assert "port 8000, where Dateline does: add --port" in said
