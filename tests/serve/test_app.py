"""HTTP responses, from the server that `serve` runs."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urljoin, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import httpx
import pytest
from PIL import Image
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from dateline.documents import manifest
from dateline.documents.compression import PACKED_FROM, is_page_of_entries
from dateline.documents.manifest import DocumentListing
from dateline.rules import taxonomy
from dateline.serve.app import create_app
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file, photo
from support.serving import PATIENCE, Served, exchange, granian, until

HUB = "https://hub.example.org/"
FEEDS = ["news.rss", "news.atom", "news.json", "lebanon.atom", "news-ar.json"]
SHARED = {"etag", "last-modified", "cache-control", "vary", "link", "date", "server"} | {
    "access-control-allow-origin",
    "access-control-expose-headers",
    "content-security-policy",
    "x-content-type-options",
}
TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "ics": "text/calendar; charset=utf-8; method=PUBLISH",
    "opml": "text/x-opml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
    "webmanifest": "application/manifest+json",
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication with a picture, an embargo, a draft, and an entry that expires."""
    folder = tmp_path_factory.mktemp("wire")
    hubs = f'author = "Example"\nhubs = ["{HUB}"]'
    (folder / "config.toml").write_text(CONFIG.replace('author = "Example"', hubs), "utf-8")
    now = datetime.now(UTC).replace(microsecond=0)
    room = Newsroom(folder, now=now - timedelta(hours=1))
    room.drop("good.toml", entry_file(image='"harbour.png"', image_alt='"The harbour"'))
    Image.new("RGB", (8, 6), "navy").save(folder / "entries/harbour.png")
    room.drop("brief.toml", entry_file("Soon over", expires=f"{now + timedelta(minutes=4):%FT%TZ}"))
    room.drop("later.toml", entry_file("EMBARGOED", f"{now + timedelta(days=2):%FT%TZ}"))
    room.drop("draft.toml", entry_file("EMBARGOED too", draft="true"))
    room.build()
    assert set(room.codes()) == {"draft", "scheduled"}
    return room


@pytest.fixture(scope="module")
def served(room: Newsroom) -> Iterator[Served]:
    """Yield a server of that publication."""
    with granian(room.config) as served:
        yield served


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[httpx.Client]:
    """Yield a client that follows no redirect."""
    plain = {"Accept-Encoding": "identity"}
    with httpx.Client(base_url=served.url, timeout=PATIENCE, headers=plain) as client:
        yield client


def listings(room: Newsroom) -> list[DocumentListing]:
    """Return every document of the manifest."""
    return list(manifest.documents(room.folder / "feeds"))


def raw(served: Served, target: str, *lines: str, method: str = "GET") -> tuple[int, str]:
    """Send a request as it is; return the status and header fields of the response."""
    head = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close", *lines]
    answer = exchange(served.port, "\r\n".join([*head, "", ""]).encode("latin-1"))
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower()


# ---- Documents


@pytest.mark.long
def test_a_folder_is_answered_with_its_own_page(room: Newsroom, client: httpx.Client) -> None:
    """So is that of the site; a folder without a page is not there."""
    for folder in ("", "2026/", "2026/11/"):
        page = (room.folder / f"feeds/{folder}index.html").read_bytes()
        assert client.get(folder).content == page
    assert client.get("2025/").status_code == 404


def test_every_document_is_sent_as_it_is_on_disk(room: Newsroom, client: httpx.Client) -> None:
    """With its bytes, type and length, and validators in nginx's form."""
    for listing in listings(room):
        file = room.folder / "feeds" / listing.path
        stat = file.stat()

        answer = client.get(listing.path)

        assert answer.status_code == 200
        assert answer.content == file.read_bytes()
        assert answer.headers["content-type"] == TYPES[listing.path.rpartition(".")[2]]
        assert answer.headers["content-length"] == str(stat.st_size)
        assert answer.headers["etag"] == f'"{int(stat.st_mtime):x}-{stat.st_size:x}"'
        assert parsedate_to_datetime(answer.headers["last-modified"]).timestamp() == stat.st_mtime
        is_packed = is_page_of_entries(listing) and stat.st_size >= PACKED_FROM
        assert ("vary" in answer.headers) == bool(listing.codings or is_packed)


def test_pages_of_entries_and_archives_are_compressed_on_request(
    room: Newsroom, client: httpx.Client
) -> None:
    """Their ETag is weak, like nginx's for compressed responses, and matches the plain one."""
    pages = [one for one in listings(room) if is_page_of_entries(one)]
    for listing in pages:
        plain = client.get(listing.path).headers["etag"]
        packed = client.get(listing.path, headers={"Accept-Encoding": "br, gzip"})
        asked = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
        head = client.head(listing.path, headers={"Accept-Encoding": "gzip"})

        assert packed.headers["etag"] == f"W/{plain}"
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == "Accept-Encoding"
        assert packed.content == (room.folder / "feeds" / listing.path).read_bytes()
        assert int(packed.headers["content-length"]) < listing.size * 0.7
        assert head.headers["content-length"] == packed.headers["content-length"]
        assert client.get(listing.path, headers=asked).status_code == 304
        assert client.get(listing.path, headers={"If-None-Match": f"W/{plain}"}).status_code == 304
        assert client.get(listing.path, headers={"If-Match": f"W/{plain}"}).status_code == 412
    assert pages


def test_the_publication_has_all_kinds_of_documents(room: Newsroom) -> None:
    """So the tests above cover each kind."""
    assert {one.path.rpartition(".")[2] for one in listings(room)} == set(TYPES)


def test_the_front_page_is_the_index(client: httpx.Client) -> None:
    """Both addresses have the same bytes and validators."""
    front, index = client.get("/"), client.get("/index.html")

    assert front.content == index.content
    assert front.headers["etag"] == index.headers["etag"]


def test_a_head_is_a_get_without_its_content(room: Newsroom, client: httpx.Client) -> None:
    """All header fields are the same, also of errors and redirects."""
    for path in [*(one.path for one in listings(room)), "nothing"]:
        get, head = client.get(path), client.head(path)

        assert head.status_code == get.status_code
        assert head.content == b""
        passing = {"date": "", "cache-control": ""}  # a second may pass between the two requests
        assert {**head.headers, **passing} == {**get.headers, **passing}
        assert ("cache-control" in head.headers) == ("cache-control" in get.headers)


def test_responses_without_content_keep_the_connection_in_step(served: Served) -> None:
    """HEAD, 304, 204, 404 and 405 leave no bytes that the next response could begin with."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    statuses = []
    for method, path, match in [
        ("HEAD", "/news.rss", ""),
        ("GET", "/news.rss", "*"),
        ("OPTIONS", "/news.rss", ""),
        ("HEAD", "/nothing", ""),
        ("GET", "/nothing", ""),
        ("PUT", "/news.rss", ""),
        ("GET", "/news.rss", ""),
    ]:
        connection.request(method, path, headers={"If-None-Match": match} if match else {})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()

    assert statuses == [200, 304, 204, 404, 404, 405, 200]


@pytest.mark.parametrize(
    "fields",
    [
        {"A-IM": "feed"},
        {"Accept": "text/html;q=0.1"},
        {"Accept": "application/nothing"},
        {"Accept-Encoding": "deflate, compress"},
        {"Accept-Encoding": "identity;q=0"},
        {"Range": "bytes=0-9"},
        {"Sec-Fetch-Dest": "empty"},
        {"Origin": "https://reader.example"},
        {"If-None-Match": ""},
        {"If-Match": "*"},
    ],
    ids=str,
)
def test_a_feed_has_one_representation(client: httpx.Client, fields: dict[str, str]) -> None:
    """Whatever a request contains, the response is the whole feed, 200, without a coding."""
    plain = client.get("news.rss", headers={"Accept-Encoding": "identity"})

    answer = client.get("news.rss", headers=fields)

    assert answer.status_code == 200
    assert answer.content == plain.content
    passing = {"date": "", "cache-control": ""}  # the remaining lifetime depends on the moment
    assert answer.headers["cache-control"].startswith("max-age=")
    assert {**answer.headers, **passing} == {**plain.headers, **passing}
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("query", ["?", "?utm_source=x", "?a=%ff&b=..%2f", "?" + "q" * 5000])
def test_an_unknown_query_changes_nothing(client: httpx.Client, query: str) -> None:
    """The resource and its validators are the same."""
    plain = client.get("news.atom")

    answer = client.get("news.atom" + query)

    assert (answer.status_code, answer.content) == (200, plain.content)
    assert answer.headers["etag"] == plain.headers["etag"]


# ---- Validators (RFC 9110, section 13)


def test_a_304_has_the_header_fields_of_the_200(client: httpx.Client) -> None:
    """ETag, Last-Modified, Cache-Control, Vary, Date, Link and others; none about content."""
    for path in [*FEEDS, "", "style.css"]:
        whole = client.get(path)

        answer = client.get(path, headers={"If-None-Match": whole.headers["etag"]})

        assert (answer.status_code, answer.content) == (304, b"")
        assert set(answer.headers) == SHARED & set(whole.headers)
        assert {"etag", "cache-control", "vary", "date"} <= set(answer.headers)
        assert ("link" in answer.headers) == (path in FEEDS)
        for name in set(answer.headers) - {"date", "cache-control"}:
            assert answer.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("match", "since", "status"),
    [
        ("{etag}", None, 304),
        ("W/{etag}", None, 304),
        ('"other", {etag}', None, 304),
        ('W/"other" ,W/{etag},"more"', None, 304),
        ('"a,b",{etag}', None, 304),
        ("*", None, 304),
        ('"other"', None, 200),
        ('"*"', None, 200),
        ('"other', None, 200),
        (",,,", None, 200),
        ("\xff\xfe", None, 200),
        ('"x",' * 2000 + "{etag}", None, 304),
        (None, 0, 304),
        (None, +1, 304),
        (None, +10_000_000, 304),
        (None, -1, 200),
        (None, "yesterday", 200),
        (None, "", 200),
        (None, "Mon, 99 Foo 2026 10:00:00 GMT", 200),
        (None, "Thu, 31 Dec 9999 23:59:59 -235999999999999", 200),
        (None, "31 Dec 9999 23:59:59 +99999999999999999999999", 200),
        ("{etag}", -10_000_000, 304),
        ('"other"', 0, 200),
        ('"other', +1, 200),
    ],
)
def test_validators_are_compared_as_in_the_rfc(
    served: Served, client: httpx.Client, match: str | None, since: str | int | None, status: int
) -> None:
    """Weakly, in lists, or `*`; the time counts only without a tag."""
    document = client.get("news.rss").headers
    changed = parsedate_to_datetime(document["last-modified"])
    if isinstance(since, int):
        since = format_datetime(changed + timedelta(seconds=since), usegmt=True)
    lines = [] if match is None else [f"If-None-Match: {match.format(etag=document['etag'])}"]
    lines += [] if since is None else [f"If-Modified-Since: {since}"]

    answer, _ = raw(served, "/news.rss", *lines)

    assert answer == status


def test_tags_on_several_lines_are_one_list(served: Served, client: httpx.Client) -> None:
    """RFC 9110, section 5.3, combines them."""
    etag = client.get("news.rss").headers["etag"]

    answer, _ = raw(served, "/news.rss", 'If-None-Match: "x"', f"If-None-Match: {etag}")

    assert answer == 304


# ---- Lifetimes


def test_no_lifetime_exceeds_the_next_change(room: Newsroom, client: httpx.Client) -> None:
    """Pages with an expiring entry have its remaining time, if that is below the base."""
    ends = {one.path: one.expires for one in listings(room)}
    before = datetime.now(UTC).timestamp()
    ages = {path: client.get(path).headers["cache-control"] for path in ends}
    after = datetime.now(UTC).timestamp()

    assert ends["news.rss"] is not None
    whole = "max-age=300, stale-while-revalidate=300, stale-if-error=86400"
    assert ages["news-ar.rss"] == whole
    for path, end in ends.items():
        if end is not None:
            left = int(ages[path].removeprefix("max-age=").partition(",")[0])
            # It may have expired meanwhile if other tests took long.
            least, most = (
                max(0, min(one, 300)) for one in (int(end - after) - 1, int(end - before))
            )
            assert least <= left <= most
    assert ages["news.rss"] != ages["news-ar.rss"]


def test_media_are_cached_for_a_year(room: Newsroom, client: httpx.Client) -> None:
    """A picture never changes under its address."""
    picture = next(one.path for one in listings(room) if one.path.startswith("media/"))

    answer = client.get(picture)

    assert answer.headers["cache-control"] == "max-age=31536000, immutable"


# ---- Links (RFC 8288)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_has_its_links(room: Newsroom, client: httpx.Client, path: str) -> None:
    """Exactly one self, the hub, and alternates whose type precedes their rel."""
    links = client.get(path).headers.get_list("link")

    found = re.findall(r'<([^>]*)>((?:; *\w+="[^"]*")+)', ", ".join(links))
    by_rel = [(re.findall(r'rel="(\w+)"', parameters), target) for target, parameters in found]
    assert [target for rel, target in by_rel if rel == ["self"]] == [
        room.config.publication.url + path
    ]
    assert [target for rel, target in by_rel if rel == ["hub"]] == [HUB]
    for target, parameters in found:
        if "alternate" in parameters:
            media_type = TYPES[target.rpartition(".")[2]].partition(";")[0]
            assert parameters == f'; type="{media_type}"; rel="alternate"'


# ---- Other methods, other origins


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_get_405_with_allow(served: Served, method: str) -> None:
    """RFC 9110, section 15.5.6; nobody caches it."""
    status, fields = raw(served, "/news.rss", "Content-Length: 0", method=method)

    assert status == 405
    assert "\r\nallow: get, head, options" in fields
    assert "\r\ncache-control: no-store" in fields


@pytest.mark.parametrize("target", ["/", "/news.rss", "/nothing", "*"])
def test_options_lists_the_allowed_methods(served: Served, target: str) -> None:
    """204 with `Allow`, also for the server as a whole."""
    status, fields = raw(served, target, method="OPTIONS")

    assert status == 204
    assert "\r\nallow: get, head, options" in fields
    assert "content-length" not in fields


@pytest.mark.parametrize("path", ["/news.rss", "/nothing"])
def test_a_script_of_another_origin_may_send_validators(served: Served, path: str) -> None:
    """The preflight succeeds (Fetch, section 4.8), and the response is readable."""
    status, fields = raw(
        served,
        path,
        "Origin: https://reader.example",
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: if-none-match,x-reader",
        method="OPTIONS",
    )

    allowed = re.findall(r"access-control-allow-(\w+): (.*)", fields)
    assert status == 204
    assert dict(allowed)["origin"].strip() == "*"
    assert {"if-none-match", "*"} <= set(dict(allowed)["headers"].strip().split(", "))
    assert "get" in dict(allowed)["methods"]


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("GET", "news.json", {}, 200),
        ("GET", "", {}, 200),
        ("GET", "news.json", {"If-None-Match": "*"}, 304),
        ("GET", "news.json", {"Sec-Fetch-Dest": "document"}, 303),
        ("GET", "nothing", {}, 404),
        ("HEAD", "nothing", {}, 404),
        ("POST", "news.json", {}, 405),
        ("POST", "nothing", {}, 404),
        ("OPTIONS", "news.json", {}, 204),
    ],
)
def test_every_response_has_cors_and_nosniff_and_no_cookie(
    client: httpx.Client, method: str, path: str, fields: dict[str, str], status: int
) -> None:
    """Scripts can read all of them, types are not guessed, and no reader is followed."""
    answer = client.request(method, path, headers=fields)

    assert answer.status_code == status
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert "set-cookie" not in answer.headers


# ---- People


@pytest.mark.parametrize("path", FEEDS)
def test_a_browser_that_opens_a_feed_is_redirected_to_the_page_on_subscribing(
    client: httpx.Client, path: str
) -> None:
    """With 303, to the feed's place on that page; nobody caches it."""
    answer = client.get(path, headers={"Sec-Fetch-Dest": "document"})

    target = httpx.URL(urljoin(str(answer.request.url), answer.headers["location"]))
    page = client.get(target)
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    assert "vary" not in answer.headers
    assert page.status_code == 200
    assert f'id="{target.fragment}"' in page.text
    assert path in page.text


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("topics/peace.rss", "topics/peace.html"),
        ("authors/fr/ann-author.json", "authors/fr/ann-author.html"),
        ("archive/topics/peace/1.atom", "topics/peace.html"),
    ],
)
def test_a_browser_that_opens_the_feed_of_a_topic_is_redirected_to_its_page(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, path: str, page: str
) -> None:
    """That page alone has the address of the feed, in the topic's language."""
    monkeypatch.setattr(taxonomy, "PAGE", 1)
    config = newsroom.folder / "config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[topics]\nfeeds = true\n", "utf-8")
    filed = {"categories": '["Peace"]', "authors": '["Ann Author"]'}
    for number, language in enumerate(("en", "en", "en", "fr")):
        entry = entry_file(f"News {number}", language=f'"{language}"', **filed)
        newsroom.drop(f"{number}.toml", entry)
    newsroom.build()
    client = create_app(newsroom.config).test_client()

    answer = client.get(f"/{path}", headers={"Sec-Fetch-Dest": "document"})

    led = urljoin(f"http://localhost/{path}", answer.headers["Location"])
    text = client.get(led).text
    assert (answer.status_code, led) == (303, f"http://localhost/{page}#subscribe")
    assert text.count('id="subscribe"') == 1
    assert f">{newsroom.config.publication.url}{page.removesuffix('.html')}.rss</code>" in text


def test_the_feed_of_a_topic_without_entries_is_not_gone_for_good(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs that got a 410 would not see the next entry of the topic; its page is gone."""
    monkeypatch.setattr(taxonomy, "PAGE", 1)
    config = newsroom.folder / "config.toml"
    plain = config.read_text("utf-8")
    config.write_text(f"{plain}\n[topics]\nfeeds = true\n", "utf-8")
    end = f"{newsroom.now + timedelta(minutes=30):%FT%TZ}"
    for number in (1, 2):
        entry = entry_file(f"News {number}", categories='["Peace"]', expires=end)
        newsroom.drop(f"{number}.toml", entry)
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    client = create_app(newsroom.config).test_client()

    statuses = {
        path: client.get(f"/{path}").status_code
        for path in ("topics/peace.rss", "archive/topics/peace/1.json", "topics/peace.html")
    }

    assert statuses == {
        "topics/peace.rss": 404,
        "archive/topics/peace/1.json": 404,
        "topics/peace.html": 410,
    }


@pytest.mark.parametrize("path", ["", "subscribe.html", "style.css"])
def test_a_page_is_shown_to_a_browser(client: httpx.Client, path: str) -> None:
    """Only feeds are redirected."""
    assert client.get(path, headers={"Sec-Fetch-Dest": "document"}).status_code == 200


def test_a_missing_page_is_an_html_page(room: Newsroom, client: httpx.Client) -> None:
    """It has a link back, and nobody caches it, since the page may exist in a moment."""
    answer = client.get("2026/nothing.html")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert f'href="{urlsplit(room.config.publication.url).path}"' in answer.text


def test_pages_may_load_nothing_from_other_sites(client: httpx.Client) -> None:
    """Their content security policy forbids it."""
    policy = client.get("").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "'self' data:"
    assert {source for rule in rules.values() for source in rule.split()} == {
        "'none'",
        "'self'",
        "data:",
    }


# ---- What must stay private


@pytest.mark.parametrize(
    "target",
    [
        "/.manifest.json",
        "/.manifest.sqlite",
        "/.manifest.json.new",
        "/%2emanifest.json",
        "/.",
        "/..",
        "/../config.toml",
        "/%2e%2e/config.toml",
        "/..%2fconfig.toml",
        "/..%5cconfig.toml",
        "/2026/../news.rss",
        "/./news.rss",
        "//news.rss",
        "//",
        "///etc/passwd",
        "/%2fetc%2fpasswd",
        "/news.rss/",
        "/news.rss/index.html",
        "/news.rss;x=1",
        "/news.rss%00",
        "/news.rss%00.html",
        "/%00",
        "/NEWS.RSS",
        "/news",
        "/2026",
        "/2026/..//",
        "/media/",
        "/entries/good.toml",
        "/state/ledger.sqlite",
        "/unpromised.txt",
        "/caf%c3%a9",
        "/caf\xe9",
        "/%ff%fe",
        "/%ed%a0%80",
        "/%",
        "/%zz",
        "/%0d%0aX-Injected:%201",
        "/' OR 1=1 --",
        "/" + "a" * 60_000,
        "/" + "a" * 200_000,
        "/" + "../" * 5000 + "etc/passwd",
        "*",
        "http://127.0.0.1/../config.toml",
        "http://127.0.0.1/.manifest.json",
        "file:///etc/passwd",
        "",
    ],
    ids=lambda target: repr(target[:40]),
)
def test_only_documents_of_the_manifest_can_be_reached(
    room: Newsroom, served: Served, target: str
) -> None:
    """No path leads elsewhere; granian itself refuses some with 400, 414 or 431."""
    (room.folder / "feeds/unpromised.txt").write_text("SECRET", "utf-8")

    status, fields = raw(served, target)

    assert status in {400, 404, 414, 431}
    assert status != 404 or "\r\ncache-control: no-store" in fields
    assert "x-injected" not in fields


@pytest.mark.parametrize("target", ["http://other.example/news.rss", "/news%2Erss", "/%6eews.rss"])
def test_another_spelling_of_a_target_is_the_same_target(
    served: Served, client: httpx.Client, target: str
) -> None:
    """Absolute form (RFC 9112, section 3.2.2) and needless percents (RFC 3986, 6.2.2.2)."""
    status, fields = raw(served, target)

    assert status == 200
    assert client.get("news.rss").headers["etag"] in fields


def test_old_and_unusual_requests_are_answered(served: Served) -> None:
    """HTTP/1.0 without a host, and an invalid host."""
    old = exchange(served.port, b"GET /news.rss HTTP/1.0\r\n\r\n")
    odd, _ = raw(served, "/nothing", "Host: <&>:99999999")

    assert old.split()[1] == b"200"
    assert odd in {400, 404}


def test_embargoed_content_is_nowhere(room: Newsroom, client: httpx.Client) -> None:
    """Neither in a document nor in a header field, nor at its future address."""
    for listing in listings(room):
        answer = client.get(listing.path)
        assert "embargoed" not in str(answer.headers).lower()
        assert b"embargoed" not in answer.content.lower()
    year = f"{room.now + timedelta(days=2):%Y/%m}"
    assert client.get(f"{year}/embargoed.html").status_code == 404


# ---- The application alone


@contextmanager
def mounted(room: Newsroom, prefix: str) -> Iterator[httpx.Client]:
    """Serve the application below a prefix, on a server that checks it against PEP 3333."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Log nothing."""

    app = DispatcherMiddleware(create_app(room.config), {})
    if prefix:
        app = DispatcherMiddleware(app, {prefix: create_app(room.config)})
    with make_server("127.0.0.1", 0, validator(app), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}{prefix}/"
            with httpx.Client(base_url=url, timeout=PATIENCE) as client:
                yield client
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.long
@pytest.mark.parametrize("prefix", ["", "/press/news"])
def test_any_wsgi_server_can_serve_it_at_any_path(room: Newsroom, prefix: str) -> None:
    """It follows PEP 3333."""
    opens = {"Sec-Fetch-Dest": "document"}
    with mounted(room, prefix) as client:
        statuses = [
            client.get("news.rss").status_code,
            client.head("news.rss").status_code,
            client.get("").status_code,
            client.get("news.rss", headers={"If-None-Match": "*"}).status_code,
            client.get("nothing").status_code,
            client.head("nothing").status_code,
            client.post("news.rss").status_code,
            client.options("news.rss").status_code,
        ]
        explained = client.get("news.rss", headers=opens, follow_redirects=True)

    assert statuses == [200, 200, 200, 304, 404, 404, 405, 204]
    assert explained.url.path == f"{prefix}/subscribe.html"
    assert explained.status_code == 200


@pytest.mark.long
@pytest.mark.parametrize("below", ["press/news", "l’été/a%20b~$c;d"])
def test_a_publication_below_a_path_is_served_there(newsroom: Newsroom, below: str) -> None:
    """By Dateline alone, and behind a proxy that removes the path; metrics have one address."""
    file = newsroom.folder / "config.toml"
    text = file.read_text("utf-8").replace(":8000/", f":8000/{below}/")
    file.write_text(f"{text}[serve]\nmetrics = true\n", encoding="utf-8")
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    (page,) = (
        f"{below}/{one.path}"
        for one in listings(newsroom)
        if one.path.endswith("lebanon.html") and "/" in one.path
    )
    with granian(newsroom.config) as served:
        answers = {
            path: served.get(path)
            for path in (
                below, f"{below}/", f"{below}/news.rss", "news.rss", f"{below}/feed",
                page, f"{below}/health", f"{below}y",
                f"{below}/metrics", f"{below}/{below}/news.rss",
            )
        }  # fmt: skip
        own = served.get(f"{below}/").text

    assert [one.status_code for one in answers.values()] == [
        301, 200, 200, 200, 301, 200, 503, 404, 404, 404
    ]  # fmt: skip
    assert urljoin(f"{served.url}{below}", answers[below].headers["location"]) == (
        served.url + newsroom.config.publication.path.removeprefix("/")
    )
    assert answers[f"{below}/feed"].headers["location"] == "news.rss"
    assert answers[f"{below}/news.rss"].headers["etag"] == answers["news.rss"].headers["etag"]
    assert 'href="./style.css"' in own


@pytest.mark.long
@pytest.mark.parametrize("below", ["media", "2026", "2026/11", "topics"])
def test_the_path_of_a_publication_may_be_that_of_a_folder(newsroom: Newsroom, below: str) -> None:
    """All is there with the path, and without it behind a proxy that removes it."""
    file = newsroom.folder / "config.toml"
    file.write_text(file.read_text("utf-8").replace(":8000/", f":8000/{below}/"), "utf-8")
    good = entry_file(categories='["Ports"]', image='"a.jpg"', image_alt='"The harbour"')
    newsroom.drop("good.toml", good)
    newsroom.drop("bad.toml", entry_file("Gone"))
    (newsroom.folder / "entries/a.jpg").write_bytes(photo())
    newsroom.build()
    (gone,) = (one.path for one in listings(newsroom) if one.path.endswith("/gone.html"))
    (newsroom.folder / "entries/bad.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=10))
    paths = {one.path for one in listings(newsroom)}
    client = create_app(replace(newsroom.config, log_days=0)).test_client()

    found = {
        path: (client.get(f"/{below}/{path}"), client.get(f"/{path}"))
        for path in {*paths, gone, "nothing", "feed", "health"} - {f"{below}/index.html"}
    }

    others = {"nothing": 404, "feed": 301, "health": 503, gone: 410}
    assert any(one.startswith(f"{below}/") for one in paths)
    assert {path: {one.status_code for one in two} for path, two in found.items()} == {
        path: {others.get(path, 200)} for path in found
    }
    assert all(one.data == other.data for one, other in found.values())
    # The same path is that of the site, where a proxy passes it on.
    assert client.get(f"/{below}/").data == found["index.html"][0].data
    assert client.get(f"/{below}/metrics").status_code == 404


@pytest.mark.long
def test_creating_the_application_has_no_effect(newsroom: Newsroom) -> None:
    """Nothing is started, opened, connected or written, and nothing has to exist yet."""
    script = """if True:
        import dataclasses, sys, threading
        from pathlib import Path
        from dateline import config
        from dateline.web import create_app
        # The one answer below would be in the log.
        settings = dataclasses.replace(config.load(Path("config.toml")), log_days=0)
        seen = []
        create_app(settings)  # the first time, Python reads what Flask imports late
        sys.addaudithook(lambda event, values: seen.append((event, values)))
        app = create_app(settings)
        seen = [e for e in seen if e[0].split(".")[0] in
                {"open", "os", "socket", "sqlite3", "subprocess", "_thread", "signal"}]
        assert seen == [], seen
        assert threading.active_count() == 1
        assert app.test_client().get("/news.rss").status_code == 503
    """
    before = sorted(newsroom.folder.rglob("*"))
    code = str(ROOT)

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=newsroom.folder,
        env={"PYTHONPATH": code, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert sorted(newsroom.folder.rglob("*")) == before


@pytest.mark.long
def test_later_documents_are_served_without_a_restart(newsroom: Newsroom) -> None:
    """Before the first publication, or while `feeds/` is lost, nothing is known to be missing."""
    newsroom.drop("good.toml", entry_file())
    with granian(newsroom.config) as served:
        before = [served.get(path) for path in ("news.rss", "", "style.css")]
        newsroom.build()
        assert until(lambda: served.get("news.rss").status_code == 200)
        page = served.get("").text

    assert [one.status_code for one in before] == [503, 503, 503]
    assert {one.headers["cache-control"] for one in before} == {"no-store"}
    assert {one.headers["retry-after"] for one in before} == {"1"}
    assert "Report on Lebanon" in page


@pytest.mark.long
def test_an_unreadable_document_gets_503(newsroom: Newsroom) -> None:
    """For that document and this moment only."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    client = create_app(newsroom.config).test_client()
    (newsroom.folder / "feeds/style.css").unlink()

    missing, feed = client.get("/style.css"), client.get("/news.rss")

    assert missing.status_code == 503
    assert missing.headers["Cache-Control"] == "no-store"
    assert missing.headers["Retry-After"] == "1"
    assert feed.status_code == 200
