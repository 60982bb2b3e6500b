"""The proof of delivery asks a public address, notes what it saw, and finds what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.serving import make_server

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.deliveries import EntryDelivery
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest
from dateline.publish import ledger_url
from dateline.publish.notify.delivery import checker
from dateline.publish.notify.delivery.checker import DeliveryChecker
from dateline.publish.notify.delivery.selection import Freshness, select
from dateline.serve.app import create_app
from dateline.serve.doctor import verdict
from dateline.system.condition import DELIVERY, Code
from support.publication import PUBLICATION, Newsroom, entry_file
from support.receiving import answering, webhook
from support.serving import free_port, until

pytestmark = pytest.mark.long

TEXT = " ".join(f"word{number}" for number in range(400))
PRIVATE = "[delivery]\nprivate = true\ninterval = 2\n"
Fields = dict[str, str]
# A front changes the request and the fields of the response, or answers with a status of its own.
Front = Callable[[Any, Fields], str | None]


def honest(_environ: Any, _fields: Fields) -> str | None:
    """Change nothing."""
    return None


@dataclass
class Site:
    """A publication that is served at its public address, through a front."""

    room: Newsroom
    port: int
    front: Front = honest
    asked: list[str] = field(default_factory=list)
    is_wrong: bool = False

    def configure(self, more: str = PRIVATE, url: str = "", table: str = "") -> Config:
        """Write the configuration."""
        url = url or f"http://127.0.0.1:{self.port}/"
        text = PUBLICATION.replace('url = "http://127.0.0.1:8000/"', f'url = "{url}"\n{table}')
        text += f"[serve]\nport = {self.port}\n{more}"
        (self.room.folder / "config.toml").write_text(text, encoding="utf-8")
        return self.room.config

    def publish(self, name: str = "a", *, age: int = 0) -> str:
        """Publish an entry now, or minutes ago, and return its id."""
        self.room.drop(f"{name}.toml", entry_file(f"Entry {name}", body=f'"{TEXT} {name}"'))
        assert until(lambda: self.is_live(age))
        with Ledger(ledger_url(self.room.config)) as ledger:
            return ledger.entries.id_of(f"{name}.toml") or ""

    def is_live(self, age: int) -> bool:
        """Do a run; a second change within a second waits for the next."""
        self.room.now = datetime.now(UTC) - timedelta(minutes=1 + age)
        return "news.rss" in self.room.build().documents

    def deliveries(self) -> dict[str, EntryDelivery]:
        """Return the delivery of the newest version of each entry."""
        with Ledger(ledger_url(self.room.config)) as ledger:
            ids = [
                one.entry
                for one in ledger.overview.changes(datetime.now(UTC) - timedelta(days=1), 50)
            ]
            found = ledger.deliveries.of(ids)
        return {name: one for (name, _), one in sorted(found.items())}

    def has_reached(self, id_: str) -> bool:
        """Return whether an entry was seen by readers."""
        found = self.deliveries().get(id_)
        return found is not None and found.reached is not None


@pytest.fixture
def site(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Yield a site that is asked often."""
    monkeypatch.setattr(verdict, "PAUSES", (0.25, 0.25, 0.25))
    monkeypatch.setattr(checker, "_SETTLES", 1.0)
    found = Site(room=newsroom, port=free_port())
    found.configure()
    with serving(found):
        yield found


@contextmanager
def serving(site: Site) -> Iterator[None]:
    """Serve the publication through the front of a site."""
    application = create_app(site.room.config)

    def fronted(environ: Any, start_response: Any) -> Any:
        sent: Fields = {}

        def start(status: str, fields: list[tuple[str, str]], *_: Any) -> Any:
            sent.update(fields)
            return start_response(site.front(environ, sent) or status, [*sent.items()])

        if site.is_wrong:
            start_response("503 Starting", [])
            return []
        is_of_reader = "HTTP_ACCEPT_ENCODING" in environ  # the web workers are asked without
        site.asked += [environ["PATH_INFO"]] if is_of_reader else []
        return application(environ, start if is_of_reader else start_response)

    server = make_server("127.0.0.1", site.port, fronted, threaded=True)
    with answering(server):
        yield


@contextmanager
def checking(site: Site) -> Iterator[DeliveryChecker]:
    """Prove the delivery of a site."""
    proof = DeliveryChecker(ledger_url(site.room.config), lambda: datetime.now(UTC))
    with closing(proof):
        proof.tell(site.room.config)
        yield proof


def codes(proof: DeliveryChecker) -> list[Code]:
    """Return the conditions at present."""
    return [one.code for one in proof.conditions]


def test_an_entry_is_seen_here_and_at_readers(site: Site) -> None:
    """Both moments are after its publication, in this order, and to the millisecond."""
    before = datetime.now(UTC).timestamp() * 1000
    with checking(site) as proof:
        id_ = site.publish()
        assert until(lambda: site.has_reached(id_))
        assert until(lambda: not proof.unknown)
        assert codes(proof) == []
        assert proof.has_news
    found = site.deliveries()[id_]

    assert found.served is not None
    assert found.reached is not None
    assert before < found.noted <= found.served <= found.reached


def test_another_version_is_seen_again(site: Site) -> None:
    """Each has a delivery of its own."""
    with checking(site):
        id_ = site.publish()
        assert until(lambda: site.has_reached(id_))
        site.room.drop("a.toml", entry_file("Entry a", body='"Other text"'))
        site.room.build()
        assert until(lambda: site.deliveries()[id_].version == 2 and site.has_reached(id_))


def test_what_waits_is_proven_after_the_next_start(site: Site) -> None:
    """A publisher that was killed before readers had the news leaves nothing undone."""
    site.front = status("503 Busy")
    with checking(site):
        id_ = site.publish()
        assert until(lambda: id_ in site.deliveries())
    site.front = honest
    with checking(site):
        assert until(lambda: site.has_reached(id_))


def test_a_ledger_without_notes_begins_with_what_is_new(site: Site) -> None:
    """Nobody knows when readers got what was published before."""
    old = site.publish("old", age=5)
    with Ledger(ledger_url(site.room.config)) as ledger:
        ledger.state.founded = datetime(2020, 1, 1, tzinfo=UTC)
        ledger.commit()
    with checking(site) as proof:
        assert until(lambda: not proof.unknown)
        new = site.publish("new")
        assert until(lambda: site.has_reached(new))

    assert old not in site.deliveries()


@pytest.mark.parametrize(
    "more", ["", "[delivery]\ninterval = 1\n", "[delivery]\nprivate = true\nenabled = false\n"]
)
def test_a_private_address_is_not_asked(site: Site, more: str) -> None:
    """Nor is any while it is switched off; no alarm of before is kept open."""
    site.configure(more)
    with checking(site) as proof:
        site.publish()
        assert until(lambda: not proof.unknown)
        assert codes(proof) == []

    assert site.asked == []
    assert site.deliveries() == {}


def test_a_name_that_leads_to_this_machine_is_not_asked(site: Site) -> None:
    """It is resolved first."""
    site.configure("[delivery]\ninterval = 1\n", url=f"http://127.1:{site.port}/")
    with checking(site) as proof:
        site.publish()
        assert until(lambda: not proof.unknown)
        assert codes(proof) == []

    assert site.asked == []
    assert site.deliveries() == {}


@pytest.mark.parametrize("more", ["[delivery]\ninterval = 2\n", PRIVATE])
def test_nobody_knows_while_this_machine_has_no_names(site: Site, more: str) -> None:
    """An address that cannot be resolved says nothing about readers."""
    site.configure(more, url="http://no-such-host.example.org/")
    with checking(site) as proof:
        site.publish()
        assert not until(lambda: not proof.unknown or bool(proof.conditions), 3)

    assert (site.deliveries() == {}) == (more != PRIVATE)
    assert not any(one.reached for one in site.deliveries().values())


# ---- Faults


def status(text: str) -> Front:
    """Answer everything with this status."""

    def front(_environ: Any, fields: Fields) -> str | None:
        fields["Content-Type"] = "text/plain"
        return text

    return front


def field_of(name: str, value: str) -> Front:
    """Set a field of each response."""

    def front(_environ: Any, fields: Fields) -> None:
        fields[name] = value

    return front


def always_unchanged(environ: Any, _fields: Fields) -> str | None:
    """Answer 304 to whoever has a copy."""
    return "304 Not Modified" if "HTTP_IF_NONE_MATCH" in environ else None


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (status("503 Busy"), Code.READER_ERROR),
        (status("403 Forbidden"), Code.BLOCKED),
        (field_of("Content-Type", "text/plain"), Code.MEDIA_TYPE),
        (field_of("Content-Encoding", "br"), Code.CODING),
        (always_unchanged, Code.FALSE_304),
    ],
)
def test_a_fault_is_found_and_ends(site: Site, front: Front, expected: Code) -> None:
    """The gravest is one condition of the address as a whole; it ends when all is right again."""
    with checking(site) as proof:
        first = site.publish()
        assert until(lambda: site.has_reached(first) and not proof.unknown)
        site.front = front
        site.publish("b")
        assert until(lambda: codes(proof) == [expected])
        assert [one.about for one in proof.conditions] == [f"127.0.0.1:{site.port}"]
        site.front = honest
        assert until(lambda: codes(proof) == [])
        assert proof.unknown == ()


def test_a_withdrawn_page_has_to_be_gone(site: Site) -> None:
    """A cache that still answers with it has missed the withdrawal."""
    site.configure(f"{PRIVATE}[intake]\ngrace = 0\n", table="max_age = 0")
    site.publish("stays")
    with checking(site) as proof:
        id_ = site.publish("gone")
        assert until(lambda: site.has_reached(id_) and not proof.unknown)
        with Ledger(ledger_url(site.room.config)) as ledger:
            path = f"/{ledger.entries.find([id_])[id_].slug}.html"

        def keep(environ: Any, _fields: Fields) -> str | None:
            return "200 OK" if environ["PATH_INFO"] == path else None

        site.front = keep
        (site.room.folder / "entries/gone.toml").unlink()
        assert until(lambda: site.is_live(0))
        assert until(lambda: codes(proof) == [Code.STALE])
        assert path in proof.conditions[0].detail
        site.front = honest
        assert until(lambda: codes(proof) == [])


def test_nothing_is_said_of_others_while_this_machine_is_wrong(site: Site) -> None:
    """Readers get what its own web workers answer, which is not what was published."""
    with checking(site) as proof:
        id_ = site.publish()
        assert until(lambda: site.has_reached(id_) and not proof.unknown)
        site.is_wrong = True
        site.publish("b")
        assert until(lambda: proof.unknown == DELIVERY)
        assert not until(lambda: bool(proof.conditions), 2)
        site.is_wrong = False
        assert until(lambda: not proof.unknown)

    assert codes(proof) == []


def test_this_machine_is_asked_without_a_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that refuses is what readers meet here; the own web workers answer as they should."""
    for name in ("HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with webhook() as proxy:
        proxy.status = 403
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        with checking(site) as proof:
            site.publish()
            assert until(lambda: codes(proof) == [Code.BLOCKED])


def test_an_address_that_needs_no_proxy_is_judged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers there, and that is not the proxy's fault."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site.configure(url=f"http://127.0.0.1:{free_port()}/")
    with checking(site) as proof:
        site.publish()
        assert until(lambda: codes(proof) == [Code.UNREACHABLE], 15)


def test_requests_are_bounded(site: Site) -> None:
    """However many feeds and entries a run has changed."""
    feeds = "".join(
        f'\n[[feed]]\nname = "feed-{number}"\ntitle = "{number}"\n' for number in range(20)
    )
    site.configure(f"{PRIVATE.replace('2', '600')}{feeds}")
    for number in range(30):
        site.room.drop(f"{number}.toml", entry_file(f"Number {number}", body=f'"{TEXT}"'))
    site.publish()
    with checking(site) as proof:
        assert until(lambda: not proof.unknown)

    assert 10 < len(site.asked) < 60


def test_documents_of_a_round_show_what_waits(site: Site) -> None:
    """The main feed is one of them, though what waits is in another one and on its page."""
    feeds = '\n[[feed]]\nname = "lebanon"\ntitle = "L"\ncategories = ["Lebanon"]\n'
    site.configure(f"{PRIVATE}{feeds}")
    site.room.drop("l.toml", entry_file("L", categories='["Lebanon"]'))
    id_ = site.publish()
    with Ledger(ledger_url(site.room.config)) as ledger:
        other = ledger.entries.id_of("l.toml") or ""
        slug = ledger.entries.find([other])[other].slug
    chosen = select(site.room.config, Freshness(), {slug: other}, 0.0, is_purged=False)

    paths = [one.path for one in chosen.documents]
    assert paths[0] == "news.rss"
    assert f"{slug}.html" in paths
    assert len(paths) <= 5
    assert {path for path, shown in chosen.shows.items() if other in shown} >= {"news.rss"}
    assert {"news.rss", "lebanon.atom"} <= {*chosen.topics[other]}
    assert id_ not in chosen.topics


def test_pushes_are_counted(site: Site) -> None:
    """A subscriber of the hub has an entry once it has accepted an edition that lists it."""
    site.configure(f"{PRIVATE}[hub]\nenabled = true\n")
    url = ledger_url(site.room.config)
    with checking(site):
        first = site.publish()
        assert until(lambda: site.has_reached(first))
        edition = site.deliveries()[first].topics["news.rss"]
        subscribe(url, [edition, edition, edition - 1])
        assert until(lambda: numbers(site, first) == (2, 3))
        subscribe(url, [edition + 9], "late")
        assert until(lambda: numbers(site, first) == (3, 4))


def numbers(site: Site, id_: str) -> tuple[int, int]:
    """Return how many subscribers have an entry, and how many there are."""
    found = site.deliveries()[id_]
    return found.pushed, found.subscribers


def subscribe(url: str, editions: Sequence[int], name: str = "s") -> None:
    """Add subscribers of a feed that have accepted these editions."""
    now = int(datetime.now(UTC).timestamp())
    with Ledger(url) as ledger:
        for number, edition in enumerate(editions):
            request = SubscriptionRequest(
                mode=Mode.SUBSCRIBE,
                path="news.rss",
                callback=f"https://{name}{number}.example.net/",
                host=f"{name}{number}.example.net",
                lease=864_000,
                challenge=f"{name}{number}",
                received=now,
                edition=edition,
                due=now,
            )
            ledger.requests.ask([request])
            assert ledger.requests.confirm(request, now)
        ledger.commit()
