"""Remembered responses equal new ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import time
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder

from dateline.serve import cache
from dateline.serve import responses as answers
from dateline.serve.access_log import AccessLog
from dateline.serve.app import DocumentMiddleware, _looks_like_one
from dateline.serve.cache import REMEMBERS, DocumentCache, documents
from dateline.serve.cache.conditional import _weights
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, until

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATHS = ["/news.rss", "/news.atom", "/", "/subscribe.html", "/nothing", "/former", "//news.rss"]
FIELDS = {
    "Host": ["127.0.0.1", "old.example.org", "", "two, hosts"],
    "Accept-Encoding": ["gzip", "br", "gzip, br, zstd", "identity;q=0", ""],
    "If-None-Match": ['"TAG"', 'W/"TAG"', '"x", "TAG"', "*", '"other"'],
    "If-Modified-Since": ["Tue, 01 Jan 2030 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT", "no"],
    "If-Match": ['"TAG"', '"other"', "*"],
    "If-Unmodified-Since": ["Sat, 01 Jan 2000 00:00:00 GMT"],
    "Range": ["bytes=0-9", "bytes=-1"],
    "Sec-Fetch-Dest": ["document", "empty"],
    "User-Agent": ["Reader/1.0", "Other/2.0"],
}


def nothing(_: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    """Be the application behind the wire."""
    start("404 Not Found", [])
    return []


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication of one entry, at an address that it moved to."""
    folder = tmp_path_factory.mktemp("recent")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    room = Newsroom(folder)
    room.drop("good.toml", entry_file())
    room.build()
    return room


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let responses be remembered for as long as a busy machine needs."""
    monkeypatch.setattr(cache, "REMEMBERS", PATIENCE)


class Log(AccessLog):
    """A log without a thread, which would outlive the test."""

    def _begin(self) -> None:
        pass


class RecordedApp:
    """An application with what it remembers and counts."""

    def __init__(self, feeds: Path) -> None:
        self.shelf = DocumentCache(feeds)
        self.log = Log(feeds, 7)
        self.wire = DocumentMiddleware(nothing, self.shelf, self.log)


@pytest.fixture(scope="module")
def remembering(room: Newsroom) -> RecordedApp:
    """Return one that gets all requests."""
    return RecordedApp(room.config.feeds_folder)


def response_to(
    wire: DocumentMiddleware, question: EnvironBuilder
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Send a request, and return the whole response."""
    data, status, headers = Client(wire).run_wsgi_app(question.get_environ())
    return status, list(headers), b"".join(data)


def requests(tag: str) -> st.SearchStrategy[EnvironBuilder]:
    """Return requests with header fields that matter and that do not."""
    some = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in FIELDS.items()})

    def build(method: str, path: str, fields: dict[str, str], protocol: str) -> EnvironBuilder:
        headers = {name: value.replace("TAG", tag) for name, value in fields.items()}
        builder = EnvironBuilder(path, method=method, headers=list(headers.items()))
        builder.environ_overrides = {"SERVER_PROTOCOL": protocol}
        if "Host" in fields:
            builder.environ_overrides["HTTP_HOST"] = fields["Host"]
        return builder

    return st.builds(
        build,
        st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS"]),
        st.sampled_from(PATHS),
        some,
        st.sampled_from(["HTTP/1.1", "HTTP/1.1", "HTTP/1.0"]),
    )


@pytest.mark.long
@given(data=st.data())
def test_memory_changes_no_response(
    room: Newsroom, remembering: RecordedApp, data: st.DataObject
) -> None:
    """An application with a filled memory answers like a new one."""
    plain = DocumentCache(room.config.feeds_folder).get("news.rss")
    assert plain is not None
    question = data.draw(requests(plain.form("gzip").etag.strip('"')))
    new = DocumentMiddleware(nothing, DocumentCache(room.config.feeds_folder))

    expected = response_to(new, question)

    assert response_to(remembering.wire, question) == expected
    assert response_to(remembering.wire, question) == expected


@pytest.mark.usefixtures("patient")
def test_a_plain_request_is_remembered_and_each_response_counted(room: Newsroom) -> None:
    """This shows that the memory is in use here."""
    remembering = RecordedApp(room.config.feeds_folder)
    question = EnvironBuilder("/news.rss", headers=[("User-Agent", "Count/1")])

    for _ in range(5):
        response_to(remembering.wire, question)

    assert any("Count/1" in question for question in remembering.shelf.recent() if question)
    (kind,) = (kind for kind in remembering.log if kind[-1] == "Count/1")
    assert next(remembering.log[kind]) == 5


def test_a_repeated_request_gets_the_new_edition(newsroom: Newsroom) -> None:
    """Within a twentieth of a second, after which the cache checks."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    served = shutil.copytree(newsroom.config.feeds_folder, newsroom.folder / "served")
    newsroom.drop("second.toml", entry_file("Second report"))
    newsroom.build()
    one = RecordedApp(served)
    question = EnvironBuilder("/news.rss", headers=[("User-Agent", "Reader/1.0")])
    first = [response_to(one.wire, question)[2] for _ in range(3)]
    # A whole run would take so long that the cached response had expired.
    shutil.copytree(newsroom.config.feeds_folder, served, dirs_exist_ok=True)

    assert set(first) == {first[0]}
    assert b"Second report" not in first[0]
    assert until(
        lambda: b"Second report" in response_to(one.wire, question)[2], seconds=REMEMBERS / 2
    )


@pytest.mark.parametrize("left", [-5.0, 0.5, 1.0, 1.5, 30.5, 300.0, 300.9, 301.0, 301.5, 900.0])
def test_a_response_is_fresh_until_the_next_change_at_most(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, left: float
) -> None:
    """Also one that is repeated as late as it may be."""
    copy = DocumentCache(room.config.feeds_folder).get("news.rss")
    assert copy is not None
    monkeypatch.setattr(answers, "time", lambda: 1_000_000 - left)

    answer = answers.document({}, copy, 1_000_000)

    age = int(answer.fields[0][1].removeprefix("max-age=").partition(",")[0])
    assert answer.lasts == (left > REMEMBERS)
    assert left - REMEMBERS - 1 < age or age == copy.listing.max_age
    assert age <= max(0, left - REMEMBERS)


@pytest.mark.usefixtures("patient")
@pytest.mark.usefixtures("patient")
def test_a_page_is_never_followed_by_the_version_before(newsroom: Newsroom) -> None:
    """Nor while a run has put pages in place, and cannot write its manifest on a failing disk."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    served = shutil.copytree(newsroom.config.feeds_folder, newsroom.folder / "served")
    newsroom.drop("good.toml", entry_file(body='"Edited."'))
    newsroom.build()
    one, path = RecordedApp(served), "2026/11/report-on-lebanon.html"
    clients = [EnvironBuilder(f"/{path}", headers=[("User-Agent", name)]) for name in ("a", "b")]
    before = response_to(one.wire, clients[0])
    shutil.copy2(newsroom.config.feeds_folder / path, served / path)

    after = response_to(one.wire, clients[1])

    assert b"Edited." in after[2]
    assert b"Edited." not in before[2]
    assert response_to(one.wire, clients[0]) == after


def test_a_small_document_that_is_not_held_is_repeated(room: Newsroom) -> None:
    """Thousands may open the same page at once; of a large one few would fill the memory."""
    app = RecordedApp(room.config.feeds_folder)
    for path in ("/2026/11/report-on-lebanon.html", "/icon.png", "/subscribe.html"):
        response_to(app.wire, EnvironBuilder(path, headers=[("Accept-Encoding", "gzip")]))

    with patch.object(DocumentCache, "get", side_effect=AssertionError):
        for path in ("/2026/11/report-on-lebanon.html", "/icon.png", "/subscribe.html"):
            again = EnvironBuilder(path, headers=[("Accept-Encoding", "gzip")])
            assert response_to(app.wire, again)[0] == "200 OK"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(("coding", "status"), [("identity", "503"), ("gzip", "200")])
def test_a_large_form_that_is_not_held_is_not_repeated(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, coding: str, status: str
) -> None:
    """It is read for each request; a compressed one of the same document may be small."""
    size = (room.config.feeds_folder / "style.css").stat().st_size
    monkeypatch.setattr(documents, "_SMALL", size - 1)
    app = RecordedApp(room.config.feeds_folder)
    style = EnvironBuilder("/style.css", headers=[("Accept-Encoding", coding)])
    response_to(app.wire, style)

    with patch.object(DocumentCache, "get", side_effect=OSError):
        assert response_to(app.wire, style)[0][:3] == status


@pytest.mark.parametrize("name", ["Accept-Encoding", "User-Agent", "If-None-Match", "Host"])
def test_long_responses_are_not_remembered(remembering: RecordedApp, name: str) -> None:
    """A few requests would fill the memory."""
    response_to(remembering.wire, EnvironBuilder("/news.rss"))
    copy = remembering.shelf.get("news.rss")
    assert copy is not None
    before = len(remembering.shelf.recent()), len(copy.chosen), _weights.cache_info().currsize
    for number in range(20):
        question = EnvironBuilder("/news.rss")
        key = "HTTP_" + name.upper().replace("-", "_")
        question.environ_overrides = {key: f"gzip, {number}{'x' * 5000}"}
        status, _, _ = response_to(remembering.wire, question)
        assert status == ("400 Bad Request" if name == "Host" else "200 OK")

    after = len(remembering.shelf.recent()), len(copy.chosen), _weights.cache_info().currsize
    assert after <= before
    assert _looks_like_one.cache_info().currsize < 20


def test_a_request_with_another_field_is_distinct(room: Newsroom) -> None:
    """It does not get the response to a plain request, nor does one of another method."""
    wire = RecordedApp(room.config.feeds_folder).wire
    whole = response_to(wire, EnvironBuilder("/news.rss"))
    again = response_to(wire, EnvironBuilder("/news.rss"))
    etag = dict(whole[1])["ETag"]

    def status(method: str = "GET", **fields: str) -> tuple[str, int]:
        found = response_to(
            wire, EnvironBuilder("/news.rss", method=method, headers=[*fields.items()])
        )
        return found[0][:3], len(found[2])

    assert (again[0], again[2]) == (whole[0], whole[2])
    assert status(**{"If-None-Match": etag}) == ("304", 0)
    assert status(**{"Sec-Fetch-Dest": "document"})[0] == "303"
    assert status(**{"If-Match": '"other"'})[0] == "412"
    assert status("HEAD") == ("200", 0)


def test_a_response_at_an_embargo_is_not_repeated(tmp_path: Path, room: Newsroom) -> None:
    """The next one may have the entry."""
    shutil.copytree(room.config.feeds_folder, tmp_path / "feeds")
    asking = RecordedApp(tmp_path / "feeds")
    asking.shelf.get("news.rss")
    asking.shelf.embargo = int(time())
    response_to(asking.wire, EnvironBuilder("/news.rss"))

    assert not asking.shelf.recent()
