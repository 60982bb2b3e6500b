"""Searches are answered by a process of their own: results, refusals, and what they cost others."""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from lxml import html  # type: ignore[import-untyped]  # lxml carries no types
from lxml.etree import fromstring  # type: ignore[import-untyped]
from werkzeug.test import Client, TestResponse

from dateline.config import load
from dateline.documents.search import INDEX
from dateline.serve.app import create_app
from dateline.serve.search.answers import SearchAnswers
from dateline.serve.search.client import SOCKET, WITHIN
from dateline.serve.search.process import SearchProcess
from dateline.serve.search.requests import SearchRequest, parsed, preferred
from support.paths import ROOT
from support.processor import seconds
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, serve, until

ON = "\n[search]\nenabled = true\n"
ATOM = "{http://www.w3.org/2005/Atom}"
TEMPLATES = ROOT / "dateline/render/pages/templates"
CHINESE = "打击人口贩运"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication with a search, in English, Arabic and Chinese."""
    folder = tmp_path_factory.mktemp("searched")
    (folder / "config.toml").write_text(CONFIG + ON, encoding="utf-8")
    made = Newsroom(folder)
    text = '"""\nOne *harbour* &lt;b&gt; in Beirut.\n"""'
    made.drop("harbour.toml", entry_file("Harbour", categories='["Lebanon"]', body=text))
    arabic = entry_file("مكافحة الاتجار", "2025-03-01", language='"ar"', body='"نص التقرير"')
    made.drop("arabic.toml", arabic)
    made.drop("chinese.toml", entry_file(CHINESE, language='"zh"', body=f'"{CHINESE}"'))
    for number in range(45):
        made.drop(f"{number}.toml", entry_file(f"Bridge {number}", body='"The bridge opened."'))
    made.build()
    return made


class Searches(Client):
    """A client of a web worker whose searches a process answers."""

    def search(self, words: str, path: str = "search", **others: str) -> TestResponse:
        """Search for words."""
        return self.patiently(f"/{path}?{urlencode({'q': words, **others})}", "")

    def patiently(self, address: str, languages: str) -> TestResponse:
        """Request an address, again while the search is busy: this machine may be."""
        headers = {"Accept-Language": languages} if languages else {}
        found = self.get(address, headers=headers)
        end = monotonic() + PATIENCE
        while found.status_code == 503 and monotonic() < end:
            sleep(0.05)
            found = self.get(address, headers=headers)
        return found

    def titles(self, words: str, **others: str) -> list[str]:
        """Return the titles of the entries that are found."""
        page = html.fromstring(self.search(words, **others).data)
        return [str(one.text_content()) for one in page.findall(".//main//li/a")]


@pytest.fixture(scope="module")
def client(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searches]:
    """Return a client of a publication with a search."""
    address = tmp_path_factory.mktemp("s") / "s"
    process = SearchProcess(room.config.path)
    threading.Thread(target=process.run, args=[str(address)], daemon=True).start()
    assert until(address.exists)
    os.environ[SOCKET] = str(address)
    yield Searches(create_app(room.config))
    del os.environ[SOCKET]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("harbour", ["Harbour"]),
        ("HARB", ["Harbour"]),
        ("harbour beirut", ["Harbour"]),
        ("harbour bridge", []),
        ("الإتجار", ["مكافحة الاتجار"]),
        ("贩运", [CHINESE]),
        ("人口贩运", [CHINESE]),
        ("运贩", []),
        ('harbour" OR "bridge', []),
        ("terms:harbour", []),
        ("NEAR(harbour)", []),
        ("harbour*", ["Harbour"]),
        ("-harbour", ["Harbour"]),
        ("' -- ;", []),
    ],
)
def test_words_find_entries(words: str, titles: list[str], client: Searches) -> None:
    """All words must be there, in any language, and no character means anything else."""
    assert client.titles(words) == titles


def test_a_search_can_be_narrowed(client: Searches) -> None:
    """Language, topic and year each leave out what is of another."""
    assert client.titles("harbour", lang="en", topic="lebanon", year="2026") == ["Harbour"]
    assert client.titles("harbour", lang="ar") == []
    assert client.titles("bridge", topic="lebanon") == []
    assert client.titles("harbour", topic="Lebanon") == ["Harbour"]
    assert client.titles("الاتجار", year="2025") == ["مكافحة الاتجار"]
    for year in ("2025", "abc", "99999", "02026", "20", "2026x", "x" * 200, '2026" OR "a'):
        assert client.titles("harbour", year=year) == []
    assert client.titles("harbour", year=" ") == ["Harbour"]


def test_results_are_on_pages_the_latest_first(client: Searches) -> None:
    """There are twenty on a page, with links to those before and after, and the number of all."""
    pages = [html.fromstring(client.search("bridge", page=page).data) for page in ("1", "2", "3")]

    titles = [[one.text_content() for one in page.findall(".//main//li/a")] for page in pages]
    assert [*map(len, titles)] == [20, 20, 5]
    assert len({title for some in titles for title in some}) == 45
    links = [
        [one.get("href") for one in page.findall(".//nav[@class='paging']/a")] for page in pages
    ]
    second, third = "./search?q=bridge&page=2", "./search?q=bridge&page=3"
    assert links == [[second], ["./search?q=bridge", third], [second]]
    assert "45" in pages[0].find(".//p[@role='status']").text_content()


def test_a_page_after_the_last_is_the_last(client: Searches) -> None:
    """A link to results that have become fewer never says that there are none."""
    assert client.titles("bridge", page="9") == client.titles("bridge", page="3") != []
    assert client.titles("bridges", page="9") == []


def test_a_page_shows_where_the_words_are(client: Searches) -> None:
    """The text around them is shown, with the words marked, and markup in it is text."""
    data = client.search("harbour").get_data(as_text=True)

    assert "One <mark>harbour</mark> &lt;b&gt; in Beirut." in data


@pytest.mark.release
def test_results_with_long_texts_are_found_in_time(newsroom: Newsroom) -> None:
    """Words of their titles alone, too, for which each text is searched in vain."""
    config = newsroom.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + ON, encoding="utf-8")
    text = "The people of the village told <b>how</b> it began, one after the other. " * 3000
    for number in range(20):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}", body=f'"{text}"'))
    newsroom.build()
    answers = SearchAnswers(load(config))
    answers.warm_up()

    def search(words: str) -> None:
        assert answers.answer("search", f"q={words}", "", "").status == "200 OK"

    for words in ("report", "village"):
        assert min(seconds(search, words) for _ in range(3)) < WITHIN / 2, words
    answers.close()


@pytest.mark.long
def test_the_last_result_has_an_excerpt_as_the_first(newsroom: Newsroom) -> None:
    """Long texts before it do not use it up, and a text may be without spaces."""
    config = newsroom.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + ON, encoding="utf-8")
    text = "联合国 " + "人口贩运。" * 150 + "贝鲁特。" + "人口贩运。" * 8000
    for number in range(20):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}", body=f'"{text}"'))
    newsroom.build()

    found = SearchAnswers(load(config)).answer("search", "q=贝鲁特", "", "")

    assert found.data.decode().count("<mark>贝鲁特</mark>") == 20


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_an_answer_that_is_cut_off_counts_as_none(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, *, is_cut_off: bool
) -> None:
    """The process gives up a worker that takes nothing for a while."""
    head = json.dumps({"status": "200 OK", "fields": [], "length": 9 if is_cut_off else 4})
    with closing(socket.socket(socket.AF_UNIX)) as door:
        address = os.path.relpath(room.folder / f"cut{is_cut_off}")
        door.bind(address)
        door.listen()
        monkeypatch.setenv(SOCKET, address)

        def answer() -> None:
            connection, _ = door.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(f"{head}\nPart".encode())

        thread = threading.Thread(target=answer)
        thread.start()
        found = Client(create_app(room.config)).get("/search?q=harbour")
        thread.join()

    assert found.status_code == (503 if is_cut_off else 200)


def test_a_page_is_in_the_language_of_its_reader(client: Searches) -> None:
    """It is that of the search, or the one that the browser prefers, or the publication's."""
    pages = [
        client.search("bridge", lang="ar"),
        client.patiently("/search", "ar-EG, en;q=0.5"),
        client.patiently("/search?q=", "sw"),
    ]

    assert [page.headers.get("Content-Language", "busy") for page in pages] == ["ar", "ar", "en"]
    assert 'dir="rtl"' in pages[0].get_data(as_text=True)


def test_a_search_without_results_says_so(client: Searches) -> None:
    """One without words shows the form alone."""
    assert "Nothing was found" in client.search("giraffe").get_data(as_text=True)
    empty = client.search("").get_data(as_text=True)
    assert "<form" in empty
    assert "Nothing was found" not in empty


@pytest.mark.parametrize("words", ["x" * 101, "a b c d e f g h i"])
def test_a_long_query_is_refused(words: str, client: Searches) -> None:
    """More than 100 characters or 8 words are answered with 400 and a sentence."""
    found = client.search(words)

    assert found.status_code == 400
    assert "at most 8 words with 100 characters" in found.get_data(as_text=True)
    assert client.search(words, "search.atom").status_code == 400


@pytest.mark.parametrize("words", ["", " ", "\0"])
def test_a_search_without_words_is_an_empty_feed(words: str, client: Searches) -> None:
    """It is answered as the page is, and its address and title end where the words would begin."""
    found = client.search(words, "search.atom")
    root = fromstring(found.data)

    assert (client.search(words).status_code, found.status_code) == (200, 200)
    assert root.findtext(f"{ATOM}title") == "Search – Example news"
    assert root.findtext(f"{ATOM}id") == "tag:example.org,2008:feed/search"
    own = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == ["http://127.0.0.1:8000/search.atom"]
    assert root.findall(f"{ATOM}entry") == []


def test_results_are_a_feed_as_well(client: Searches) -> None:
    """It has the ids and moments of the entries, and the query in its own address and id."""
    found = client.search("bridge", "search.atom")
    root = fromstring(found.data)

    assert found.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    own = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == ["http://127.0.0.1:8000/search.atom?q=bridge"]
    assert root.findtext(f"{ATOM}id") == "tag:example.org,2008:feed/search?q=bridge"
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 20
    moments = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert root.findtext(f"{ATOM}updated") == max(moments)


@pytest.mark.parametrize(
    ("asked", "language", "word"),
    [("ar", "ar", "بحث"), ("zh", "en", "Search"), ("sw", "en", "Search"), ("", "en", "Search")],
)
def test_a_feed_of_results_says_in_which_language_its_title_is(
    asked: str, language: str, word: str, client: Searches
) -> None:
    """Entries are in languages of which there is no feed, and these have no words here."""
    root = fromstring(client.search("harbour", "search.atom", lang=asked).data)

    assert root.findtext(f"{ATOM}title", "").startswith(f"{word}: harbour")
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language


@pytest.mark.parametrize("path", ["search", "search.atom"])
def test_results_have_a_validator(path: str, client: Searches) -> None:
    """A client that has them is answered with 304; no shared cache keeps them."""
    first = client.search("harbour", path)
    again = client.get(f"/{path}?q=harbour", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code in {304, 503}
    assert first.headers["Cache-Control"] == "private, max-age=60"
    assert "Accept-Language" in first.headers["Vary"]


def test_no_search_engine_lists_results(client: Searches) -> None:
    """The page says so in a header and in its head, and has the policy of all pages."""
    found = client.search("harbour")

    assert found.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in found.get_data(as_text=True)
    assert found.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_other_methods_are_refused(client: Searches) -> None:
    """GET and HEAD are answered, and a HEAD without a body."""
    assert client.post("/search?q=harbour").status_code == 405
    assert client.options("/search?q=harbour").status_code == 204
    assert client.head("/search?q=harbour").data == b""


def test_every_page_has_a_search_box(room: Newsroom) -> None:
    """The form leads to the page of results from any depth, and needs no script.

    Readers who looked for something in vain find it in the page, others in its head.
    """
    for path, place, action in (
        ("index.html", "header", "./search"),
        ("404.html", "main", "/search"),
        ("410.html", "main", "/search"),
    ):
        page = html.fromstring((room.folder / "feeds" / path).read_bytes())
        assert len(page.findall(".//form")) == 1
        form = page.find(f".//{place}//form")
        assert (form.get("action"), form.get("role")) == (action, "search")
        field = form.find(".//input[@type='search']")
        assert form.find(f".//label[@for='{field.get('id')}']") is not None


def test_the_page_of_results_has_one_form(client: Searches) -> None:
    """Its head has no second one."""
    page = html.fromstring(client.search("harbour").data)

    assert len(page.findall(".//form")) == 1


def test_without_a_search_there_is_no_box_and_no_page(newsroom: Newsroom) -> None:
    """By default neither pages nor the server know of a search."""
    newsroom.drop("a.toml")
    newsroom.build()

    assert b"<form" not in (newsroom.folder / "feeds/index.html").read_bytes()
    assert Client(create_app(newsroom.config)).get("/search?q=a").status_code == 404


# ---- What a search may not do to others


@pytest.fixture
def silent(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Return a client of a worker whose search process accepts requests and never answers."""
    with closing(socket.socket(socket.AF_UNIX)) as door:
        address = os.path.relpath(room.folder / "silent")
        Path(address).unlink(missing_ok=True)
        door.bind(address)
        door.listen(128)  # more than any test asks: a full queue refuses at once
        monkeypatch.setenv(SOCKET, address)
        yield Client(create_app(room.config))


def test_a_slow_search_is_given_up(silent: Client) -> None:
    """After half a second the answer is 503, with when to try again."""
    begun = monotonic()
    found = silent.get("/search?q=harbour")

    assert monotonic() - begun < WITHIN + PATIENCE
    assert (found.status_code, found.headers["Retry-After"]) == (503, "1")
    assert found.headers["Cache-Control"] == "no-store"


def test_a_person_whose_search_is_refused_gets_a_page(silent: Client) -> None:
    """It says what to do; programs that ask for the feed get none."""
    found = silent.get("/search?q=harbour")

    assert "The search is busy" in found.text
    assert found.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src" in found.headers["Content-Security-Policy"]
    assert silent.get("/search.atom?q=harbour").text == "503 Service Unavailable\n"


def test_more_than_two_searches_at_once_are_refused_at_once(silent: Client) -> None:
    """While a worker waits for two, it waits for no other."""
    done = threading.Event()
    taken: list[float] = []

    def search() -> None:
        while not done.is_set():
            silent.get("/search?q=a")

    def refused() -> None:
        begun = monotonic()
        assert silent.get("/search?q=b").status_code == 503
        taken.append(monotonic() - begun)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    while len(taken) < 20 or (min(taken) >= WITHIN / 2 and len(taken) < 400):
        refused()
    done.set()
    for thread in threads:
        thread.join()

    assert min(taken) < WITHIN / 2


def test_without_the_process_a_search_is_refused(room: Newsroom, monkeypatch: Any) -> None:
    """Another server than `serve` answers 503."""
    monkeypatch.delenv(SOCKET, raising=False)

    assert Client(create_app(room.config)).get("/search?q=harbour").status_code == 503


def test_a_search_whose_worker_has_given_up_is_not_answered(room: Newsroom) -> None:
    """It costs the process no time."""
    process = SearchProcess(room.config.path)
    mine, other = socket.socketpair()
    with closing(mine), closing(other):
        mine.sendall(b'{"until": 0}\n')
        process._serve(other)  # noqa: SLF001 - one request
        other.close()
        assert mine.recv(10) == b""


@pytest.fixture
def own(tmp_path: Path) -> Newsroom:
    """Return a publication with a search and with templates of its own."""
    (tmp_path / "t").mkdir()
    look = '\n[look]\ntemplates = "t"\n'
    (tmp_path / "config.toml").write_text(CONFIG + ON + look, encoding="utf-8")
    made = Newsroom(tmp_path)
    made.drop("harbour.toml", entry_file("Harbour", body='"One harbour."'))
    made.build()
    return made


def found(process: SearchProcess, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """Return the status and the page of a search, after the process has looked for changes."""
    monkeypatch.setattr(process, "_next_check", 0.0)
    names = ("HTTP_ACCEPT_LANGUAGE", "HTTP_IF_NONE_MATCH")
    answer = process.answer(
        {"path": "search", "QUERY_STRING": "q=harbour", **dict.fromkeys(names, "")}
    )
    return answer.status, answer.data


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    ["{{ nothing.there }}", "{% if %}", "{% if results.hits %}{{ nothing.there }}{% endif %}"],
)
def test_a_faulty_template_changes_nothing_until_it_is_mended(
    own: Newsroom, fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A new process has Dateline's own look meanwhile. Each fault is logged once."""
    template = own.folder / "t/search.html"
    good = (TEMPLATES / "search.html").read_text("utf-8")
    process = SearchProcess(own.folder / "config.toml")
    template.write_text(fault, "utf-8")

    for one in (process, process, SearchProcess(own.folder / "config.toml")):
        status, page = found(one, monkeypatch)
        assert (status, b"Harbour" in page) == ("200 OK", True)
    assert caplog.text.count("Searches go on with the configuration from before.") == 2

    template.write_text(f"<!-- mended -->{good}", "utf-8")

    assert b"mended" in found(process, monkeypatch)[1]


@pytest.mark.long
def test_a_template_that_fails_with_what_is_found_leads_to_503(
    own: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search goes on."""
    good = (TEMPLATES / "search.html").read_text("utf-8")
    fault = (
        "{% for one in results.hits if one.entry.story.title == 'Harbour' %}{{ a.b }}{% endfor %}"
    )
    (own.folder / "t/search.html").write_text(f"{fault}{good}", "utf-8")
    process = SearchProcess(own.folder / "config.toml")

    assert found(process, monkeypatch)[0] == "503 Service Unavailable"


def test_a_connection_that_cannot_be_accepted_ends_no_search(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No descriptor may be free for a moment."""
    failed: list[socket.socket] = []
    accept = socket.socket._accept  # type: ignore[attr-defined]  # noqa: SLF001

    def fails_once(door: socket.socket) -> Any:
        if door.family == socket.AF_UNIX and not failed:
            failed.append(door)
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return accept(door)

    monkeypatch.setattr(socket.socket, "_accept", fails_once, raising=False)
    address = tmp_path / "s"
    process = SearchProcess(room.config.path)
    threading.Thread(target=process.run, args=[str(address)], daemon=True).start()
    assert until(address.exists)
    monkeypatch.setenv(SOCKET, str(address))

    found = Client(create_app(room.config)).get("/search?q=harbour")

    assert (found.status_code, len(failed)) == (200, 1)


def test_a_missing_index_leads_to_503(client: Searches, room: Newsroom) -> None:
    """So does one that is damaged, which is reported to the publisher."""
    path = room.folder / "feeds" / INDEX
    aside = path.with_name("aside")
    path.rename(aside)
    try:
        assert client.get("/search?q=harbour").status_code == 503
        path.write_bytes(b"x" * 8192)

        def is_reported() -> bool:
            assert client.get("/search?q=harbour").status_code == 503  # or busy, for a moment
            return (room.folder / "feeds/.search.damaged").exists()

        assert until(is_reported)
    finally:
        aside.replace(path)
        (room.folder / "feeds/.search.damaged").unlink(missing_ok=True)


# ---- With a real `serve`


@pytest.mark.long
def test_serve_answers_searches_as_soon_as_an_entry_is_out(tmp_path: Path) -> None:
    """A dropped entry is found, and a withdrawn one is not; the log has no query."""
    quick = "\n[schedule]\ninterval = 1\n\n[intake]\ngrace = 0\n"
    (tmp_path / "config.toml").write_text(CONFIG + ON + quick, encoding="utf-8")
    room = Newsroom(tmp_path)
    for number in range(3):
        room.drop(f"{number}.toml", entry_file(f"Other news {number}"))
    with serve(tmp_path) as served:

        def found(words: str) -> Callable[[], bool]:
            return lambda: "h-entry" in served.get(f"search?q={quote(words)}").text

        assert until(found("other"))
        path = room.drop("harbour.toml", entry_file("Harbour opens"))
        assert until(found("harbour"))
        path.unlink()
        assert until(lambda: "Nothing was found" in served.get("search?q=harbour").text)
        assert served.get("search.atom?q=other").status_code in {200, 503}
    logged = b"".join(one.read_bytes() for one in (tmp_path / "state/log").glob("*"))
    assert b"/search" in logged
    assert b"harbour" not in logged


# ---- The values of a query


def test_a_query_string_is_read_without_errors() -> None:
    """What is no language and no number of a page is left out; of two values the first counts."""
    assert parsed("q=a%00b&q=c&year=&page=-1&lang=*") == SearchRequest(words="ab")
    assert parsed("q=a&lang=%D8%AC") == parsed("q=a&lang=f_r") == SearchRequest(words="a")
    assert parsed("q=a&lang=ZH_hant").language == "zh-Hant"
    assert parsed("q=%FF%FE&page=99999") == SearchRequest(words="��")
    assert parsed("&".join("a=b" for _ in range(1000))) == SearchRequest()
    assert parsed(SearchRequest(words="é &=", year="2026").query(3)) == SearchRequest(
        words="é &=", year="2026", page=3
    )


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fr, en", "fr"), ("en;q=0.1, fr-CH", "fr"), ("de", "en"), ("fr;q=0", "en"), (";;q=x,", "en")],
)
def test_the_language_that_a_reader_prefers(accepted: str, language: str) -> None:
    """It is the one of the highest weight that there is."""
    assert preferred(accepted, {"en": None, "fr": None}, "en") == language
