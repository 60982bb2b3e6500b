"""Caches in front of the site are purged of each change, by tags that documents carry."""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event

import pytest

from dateline import config as configuration
from dateline import publish
from dateline.config import ClusterSettings
from dateline.errors import ConfigError, FetchError
from dateline.ledger import Ledger
from dateline.ledger.cluster import status
from dateline.ledger.cluster.membership import ClusterMember
from dateline.ledger.queries.notices.outbox import MOST_TAGS, Purge
from dateline.model import Report
from dateline.publish import settle
from dateline.publish.notify import cdn
from dateline.serve.app import create_app
from dateline.serve.proxy import front
from support.publication import CONFIG, NOW, Newsroom, entry_file
from support.receiving import answering
from support.serving import until

SECOND = timedelta(seconds=1)
AGAIN = cdn.AGAIN * SECOND
TOKEN = "secret-token-of-a-service"  # noqa: S105 - of nobody
PAGE = "2026/11/report-on-lebanon"
NODE = ClusterSettings(name="web1", lead=False, lease=4)


@dataclass
class Cache:
    """A server that takes purges."""

    port: int = 0
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    status: int = 200
    after: str = ""

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/"

    def tags(self, name: str = "xkey-purge") -> list[set[str]]:
        """Return the tags of each request so far."""
        return [{*fields[name].split()} for _, _, fields in self.requests]


@contextmanager
def cache() -> Iterator[Cache]:
    """Run a server that accepts POST and PURGE."""
    found = Cache()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fields = {name.lower(): value for name, value in self.headers.items()}
            found.requests.append((self.command, self.path, fields))
            self.send_response(found.status)
            if found.after:
                self.send_header("Retry-After", found.after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PURGE = do_POST  # noqa: N815 - as `http.server` calls it

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_address[1]
        with answering(server):
            yield found


@pytest.fixture
def varnish(newsroom: Newsroom) -> Iterator[Cache]:
    """Return a cache that was told of the first entry twice, and of nothing since."""
    with cache() as found:
        configure(newsroom, f'kind = "varnish"\nurl = "{found.url}"')
        newsroom.drop("old.toml", entry_file("Old"))
        publish_and_purge(newsroom)
        newsroom.now += AGAIN
        purge(newsroom)
        found.requests.clear()
        yield found


def configure(newsroom: Newsroom, lines: str) -> None:
    """Configure one cache."""
    (newsroom.folder / "config.toml").write_text(f"{CONFIG}\n[[cdn]]\n{lines}\n", encoding="utf-8")


def purge(newsroom: Newsroom, *, purger: cdn.CdnPurger | None = None) -> cdn.CdnPurger:
    """Send the purges that are due, and wait for the first answers."""
    purger = purger or cdn.CdnPurger(publish.ledger_url(newsroom.config), lambda: newsroom.now)
    purger.tell(newsroom.config)
    purger.wait(20, is_whole=False)
    return purger


def publish_and_purge(newsroom: Newsroom) -> Report:
    """Build, and purge of what has changed."""
    report = newsroom.build()
    purge(newsroom)
    return report


def waiting(newsroom: Newsroom) -> list[Purge]:
    """Return the purges in the ledger."""
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        return ledger.purges.waiting([one.name for one in newsroom.config.cdns])


# ---- Purges


@pytest.mark.long
def test_a_change_is_purged_when_it_is_live_and_once_more_after_five_seconds(
    newsroom: Newsroom, varnish: Cache
) -> None:
    """The tags are those of the documents that changed, and of no other."""
    newsroom.drop("a.toml")
    publish_and_purge(newsroom)
    first = varnish.tags()
    purge(newsroom)
    early = varnish.tags()
    newsroom.now += AGAIN
    purge(newsroom)
    purge(newsroom)

    assert [len(first), len(early), len(varnish.tags())] == [1, 1, 2]
    assert first[0] == varnish.tags()[1] >= {"index", "news", PAGE, "sitemap"}
    assert not first[0] & {"news-ar", "all", "style"}
    assert varnish.requests[0][:2] == ("PURGE", "/")
    assert waiting(newsroom) == []


@pytest.mark.long
def test_nothing_is_purged_before_its_documents_are_in_place(
    newsroom: Newsroom, varnish: Cache
) -> None:
    """A purge that a killed run left is sent when the next run has finished its work."""
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        ledger.purges.add([newsroom.config.cdns[0].name], {"news"}, 1)
        ledger.commit()
    purge(newsroom)
    early = varnish.tags()
    publish_and_purge(newsroom)

    assert early == []
    assert varnish.tags() == [{"news"}]


def node_beside(newsroom: Newsroom, served: dict[str, int]) -> ClusterMember:
    """Return another node of the newsroom's cluster, which serves this generation."""
    settings = replace(NODE, name="web2")
    return ClusterMember(url_of(newsroom), settings, lambda: served["generation"])


def tell(newsroom: Newsroom) -> cdn.CdnPurger:
    """Let a node that leads its cluster send what is due."""
    purger = cdn.CdnPurger(url_of(newsroom), lambda: newsroom.now)
    purger.tell(replace(newsroom.config, cluster=NODE))
    return purger


def url_of(newsroom: Newsroom) -> str:
    """Return the address of the ledger."""
    return f"sqlite:///{newsroom.config.state}/ledger.sqlite"


@pytest.mark.long
def test_nodes_of_a_cluster_have_a_change_before_it_is_purged(
    newsroom: Newsroom, varnish: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache would ask one of them, and get the old bytes."""
    monkeypatch.setattr(cdn, "_FOLLOWING", 60.0)
    newsroom.drop("a.toml")
    newsroom.build()
    with Ledger(url_of(newsroom)) as ledger:
        newest = ledger.state.generation
    served = {"generation": newest - 1}
    node = node_beside(newsroom, served)
    node.turn()
    waits, follows, early = Event(), Event(), list[int]()

    def wait(_: float) -> None:
        early.append(len(varnish.requests))
        waits.set()
        follows.wait(20)

    monkeypatch.setattr(status, "sleep", wait)
    purger = tell(newsroom)

    assert waits.wait(20)
    served["generation"] = newest
    node.turn()
    follows.set()
    purger.wait(20, is_whole=False)
    assert [early, len(varnish.tags())] == [[0], 1]
    assert PAGE in varnish.tags()[0]


@pytest.mark.long
def test_a_node_that_does_not_follow_delays_no_purge_for_long(
    newsroom: Newsroom, varnish: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has two seconds."""
    monkeypatch.setattr(cdn, "_FOLLOWING", 0.1)
    newsroom.drop("a.toml")
    newsroom.build()
    node_beside(newsroom, {"generation": 0}).turn()
    tell(newsroom)

    assert until(lambda: varnish.requests != [])


@pytest.mark.long
def test_a_withdrawn_entry_is_purged(newsroom: Newsroom, varnish: Cache) -> None:
    """Its page is among the documents that changed."""
    newsroom.drop("a.toml")
    publish_and_purge(newsroom)
    varnish.requests.clear()
    (newsroom.folder / "entries/a.toml").unlink()
    publish_and_purge(newsroom)
    newsroom.build(after=timedelta(hours=1))
    purge(newsroom)

    assert PAGE in varnish.tags()[-1]


@pytest.mark.long
def test_a_takedown_waits_for_both_purges_and_says_so(
    newsroom: Newsroom, varnish: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then no cache has a copy that it was just fetching."""
    monkeypatch.setattr(cdn, "AGAIN", 0)
    newsroom.drop("a.toml")
    newsroom.build()
    id_ = newsroom.items()[0]["id"]

    report = settle.take_down(newsroom.config, id_, settle.request_now())

    assert [PAGE in tags for tags in varnish.tags()] == [True, True]
    assert report.remarks == (f"varnish {varnish.url} has dropped its copies.",)


@pytest.mark.long
def test_many_changes_are_one_purge_of_all(newsroom: Newsroom, varnish: Cache) -> None:
    """A cache is told at most a thousand tags by name."""
    name = newsroom.config.cdns[0].name
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        ledger.purges.add([name], {f"2026/11/{n}" for n in range(MOST_TAGS)}, 1)
        ledger.purges.add([name], {"news"}, 2)
        ledger.purges.release()
        ledger.commit()
    purge(newsroom)

    assert varnish.tags() == [{"all"}]


@pytest.mark.long
def test_a_request_has_a_hundred_tags_at_most(newsroom: Newsroom, varnish: Cache) -> None:
    """Long tags are fewer: a field of Varnish has eight KiB."""
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        tags = {f"2026/11/{n}" for n in range(150)} | {"a" * 50 + str(n) for n in range(250)}
        ledger.purges.add([newsroom.config.cdns[0].name], tags, 1)
        ledger.purges.release()
        ledger.commit()
    purge(newsroom)

    assert set().union(*varnish.tags()) == tags
    assert max(map(len, varnish.tags())) == 100
    assert all(len(fields["xkey-purge"]) < 6100 for _, _, fields in varnish.requests)


@pytest.mark.long
def test_a_clock_that_is_set_back_stops_no_purges(
    newsroom: Newsroom, varnish: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many requests there were before: those of the last seconds count."""
    monkeypatch.setattr(cdn, "_BURST", 2)
    config, first = newsroom.config, newsroom.now
    purger = cdn.CdnPurger(publish.ledger_url(config), lambda: newsroom.now)
    for number in range(3):
        newsroom.now = first if number == 2 else first + timedelta(hours=1)
        with Ledger(publish.ledger_url(config)) as ledger:
            ledger.purges.add([config.cdns[0].name], {f"2026/11/{number}"}, 1)
            ledger.purges.release()
            ledger.commit()
        purge(newsroom, purger=purger)

    assert varnish.tags() == [{"2026/11/0"}, {"2026/11/1"}, {"2026/11/2"}]


# ---- Caches that do not take purges


@pytest.mark.long
def test_a_failure_is_reported_and_tried_again(
    newsroom: Newsroom, varnish: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    """The condition names the cache and its answer, and ends with the next run."""
    varnish.status = 503
    newsroom.drop("a.toml")
    publish_and_purge(newsroom)
    failing = newsroom.build()
    varnish.status = 200
    newsroom.now += timedelta(minutes=1)
    purge(newsroom)
    over = newsroom.build()

    assert len(varnish.requests) == 2
    assert [(one.code, one.about, one.detail) for one in failing.conditions] == [
        ("cdn-refuses", f"varnish {varnish.url}", "HTTP 503")
    ]
    assert over.conditions == ()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_pauses_double_and_a_cache_may_ask_for_a_longer_one() -> None:
    """Two days later every copy has expired, and the purge is dropped."""
    first = Purge(cache="varnish", tag="news", changed=1, due=0)
    failure = FetchError("no", status=503)
    tried = [first]
    for _ in range(12):
        tried.append(cdn.after_failure(tried[-1], failure, NOW))
    asked = cdn.after_failure(first, replace_retry(failure, "7200"), NOW)

    moment = int(NOW.timestamp())
    assert [(one.due or 0) - moment for one in tried[1:5]] == [10, 20, 40, 80]
    assert (tried[-1].due or 0) - moment == 3600
    assert (asked.due, asked.quiet) == (moment + 7200, moment + 7200)


def replace_retry(failure: FetchError, after: str) -> FetchError:
    """Return a failure whose answer asked for a pause."""
    return FetchError(str(failure), status=failure.status, retry_after=after)


@pytest.mark.long
def test_a_purge_that_failed_for_two_days_is_dropped(newsroom: Newsroom, varnish: Cache) -> None:
    """A cache that is gone for good fills no ledger."""
    varnish.status = 500
    newsroom.drop("a.toml")
    publish_and_purge(newsroom)
    before = len(waiting(newsroom))
    newsroom.now += timedelta(days=2, minutes=1)
    purge(newsroom)

    assert before > 1
    assert waiting(newsroom) == []


@pytest.mark.long
def test_a_purge_of_pictures_is_kept_as_long_as_caches_keep_them(
    newsroom: Newsroom, varnish: Cache
) -> None:
    """A picture that was taken down is fresh in caches for a year."""
    varnish.status = 403
    newsroom.build()
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        ledger.purges.add([newsroom.config.cdns[0].name], {"media/a-0123", PAGE}, 1)
        ledger.purges.release()
        ledger.commit()
    purge(newsroom)
    newsroom.now += timedelta(days=4)
    purge(newsroom)
    kept = waiting(newsroom)
    weekend = newsroom.build()
    newsroom.now += timedelta(days=363)
    purge(newsroom)

    assert [one.tag for one in kept] == ["media/a-0123"]
    assert [one.code for one in weekend.conditions] == ["cdn-refuses"]
    assert "media/a-0123" not in {one.tag for one in waiting(newsroom)}


@pytest.mark.long
def test_a_purge_of_all_is_kept_as_long_as_one_of_pictures(
    newsroom: Newsroom, varnish: Cache
) -> None:
    """They may be among what was too much to name."""
    varnish.status = 403
    newsroom.build()
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        tags = {f"2026/11/{n}" for n in range(MOST_TAGS + 1)}
        ledger.purges.add([newsroom.config.cdns[0].name], tags, 1)
        ledger.purges.release()
        ledger.commit()
    purge(newsroom)
    newsroom.now += timedelta(days=4)
    purge(newsroom)
    varnish.status = 200
    newsroom.now += timedelta(hours=2)
    purge(newsroom)

    assert varnish.tags()[-1] == {"all"}
    assert [one.confirmed is not None for one in waiting(newsroom)] == [True]


@pytest.mark.long
def test_a_cache_that_was_taken_out_is_forgotten(newsroom: Newsroom, varnish: Cache) -> None:
    """What it had not accepted yet is deleted by the next change."""
    name = newsroom.config.cdns[0].name
    newsroom.drop("a.toml")
    newsroom.build()
    (newsroom.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    newsroom.build()

    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        assert ledger.purges.waiting([name]) == []
    assert varnish.requests == []


# ---- Kinds


@pytest.mark.long
def test_fastly_is_purged_by_surrogate_keys_with_a_token(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """The token is in the file that the configuration names, and in no message."""
    with cache() as found:
        configure(
            newsroom,
            f'kind = "fastly"\nservice = "SU1Z"\nurl = "{found.url}"\ntoken_file = "cdn.token"',
        )
        newsroom.drop("a.toml")
        publish_and_purge(newsroom)
        without = newsroom.build()
        found.status = 401
        (newsroom.folder / "cdn.token").write_text(f"{TOKEN}\n", encoding="ascii")
        newsroom.now += timedelta(minutes=1)
        purge(newsroom)
        refused = newsroom.build()

    assert [one.detail for one in (*without.conditions, *refused.conditions)] == ["HTTP 401"] * 2
    assert "there is no token in" in caplog.text
    assert TOKEN not in caplog.text + repr(newsroom.config)
    assert {request[:2] for request in found.requests} == {("POST", "/service/SU1Z/purge")}
    assert {request[2]["fastly-key"] for request in found.requests} == {TOKEN}
    assert PAGE in set().union(*found.tags("surrogate-key"))


def test_a_command_reads_the_tags_one_a_line(newsroom: Newsroom) -> None:
    """It has the token in its environment; its exit code is its answer."""
    configure(newsroom, 'kind = "command"\ncommand = ["./purge", "zone"]\ntoken_file = "token"')
    (newsroom.folder / "token").write_text(TOKEN, encoding="ascii")
    script = newsroom.folder / "purge"
    script.write_text('#!/bin/sh\ncat >>got\necho "$1 $DATELINE_CDN_TOKEN" >>got\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    newsroom.drop("a.toml")
    publish_and_purge(newsroom)
    got = (newsroom.folder / "got").read_text("utf-8").split("\n")
    script.write_text("#!/bin/sh\nexit 3\n")
    newsroom.now += AGAIN
    purge(newsroom)

    assert {PAGE, "news", f"zone {TOKEN}"} <= {*got}
    assert [one.detail for one in newsroom.build().conditions] == ["code 3"]


def test_a_command_that_hangs_is_ended_with_all_that_it_has_started(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell of a script was ended alone: each attempt left another program that hung."""
    monkeypatch.setattr(cdn, "_LIMIT", 1.0)
    configure(newsroom, 'kind = "command"\ncommand = ["./purge"]')
    script = newsroom.folder / "purge"
    script.write_text("#!/bin/sh\nsleep 300 &\necho $! >started\nwait\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    newsroom.drop("a.toml")
    publish_and_purge(newsroom)
    started = int((newsroom.folder / "started").read_text("ascii"))

    assert until(lambda: not is_running(started))
    assert [one.detail for one in newsroom.build().conditions] == ["no answer"]


def is_running(process: int) -> bool:
    """Return whether a process is there, and has not ended."""
    try:
        return b"\nState:\tZ" not in Path(f"/proc/{process}/status").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ('kind = "fastly"', 'needs a line like service = "SU1Z0isxPaozGVKXdv0eY"'),
        ('kind = "varnish"', 'needs a line like url = "http://127.0.0.1:6081/"'),
        ('kind = "command"', 'needs a line like command = ["/usr/local/bin/purge"]'),
        ('kind = "varnish"\nurl = "http://a:b@c/"', "without a name and a password"),
        ('kind = "cloudfront"', "must be 'fastly', 'varnish' or 'command'"),
        ('kind = "fastly"\nservice = "../x"', "must be the id of a service"),
    ],
)
def test_a_cache_that_could_not_be_purged_is_refused(
    newsroom: Newsroom, lines: str, wrong: str
) -> None:
    """The sentence names the line to type."""
    configure(newsroom, lines)

    with pytest.raises(ConfigError) as refused:
        configuration.load(newsroom.folder / "config.toml")

    assert wrong in str(refused.value)


# ---- Tags


@pytest.mark.long
def test_documents_have_tags_only_if_there_is_a_cache(newsroom: Newsroom, varnish: Cache) -> None:
    """Their own is the address without its ending; a 304, a packed page and a 301 have it, too."""
    newsroom.drop("a.toml")
    newsroom.build()
    client = create_app(replace(newsroom.config, log_days=0)).test_client()
    plain = create_app(replace(newsroom.config, log_days=0, cdns=())).test_client()
    paths = {"/": "index", "/news.rss": "news", f"/{PAGE}.html": PAGE, "/sitemap.xml": "sitemap"}
    answers = {path: client.get(path, headers={"Accept-Encoding": "gzip"}) for path in paths}
    known = {"If-None-Match": answers["/news.rss"].headers["ETag"], "Accept-Encoding": "gzip"}

    for path, tag in paths.items():
        fields = answers[path].headers
        assert (fields["Cache-Tag"], fields["Surrogate-Key"]) == (f"{tag},all", f"{tag} all")
        assert not {"Cache-Tag", "Surrogate-Key"} & {*plain.get(path).headers.keys()}
    again = client.get("/news.rss", headers=known)
    assert (again.status_code, again.headers["Cache-Tag"]) == (304, "news,all")
    assert "Cache-Tag" not in client.get("/nothing.html").headers
    moved = [one.get("/news.html") for one in (client, plain)]
    assert [one.status_code for one in moved] == [301, 301]
    assert [one.headers.get("Cache-Tag") for one in moved] == ["news,all", None]
    assert moved[0].headers["Surrogate-Key"] == "news all"
    assert varnish.requests == []


@pytest.mark.long
def test_a_feed_called_all_is_not_everything(newsroom: Newsroom, varnish: Cache) -> None:
    """Its tag has a slash, also in the printed fronts."""
    file = newsroom.folder / "config.toml"
    file.write_text(file.read_text("utf-8").replace('name = "lebanon"', 'name = "all"'), "utf-8")
    newsroom.drop("a.toml", entry_file(categories='["Lebanon"]'))
    publish_and_purge(newsroom)
    client = create_app(replace(newsroom.config, log_days=0)).test_client()
    nginx = front(newsroom.config, "nginx", port=80)
    caddy = front(newsroom.config, "caddy", port=80)

    assert client.get("/all.atom").headers["Cache-Tag"] == "/all,all"
    assert "/all" in varnish.tags()[0]
    assert "all" not in varnish.tags()[0]
    assert '    "~^/all[.]" /all;\n' in nginx
    assert "\t\t~^/all[.] /all\n" in caddy


def test_printed_fronts_send_the_same_tags(newsroom: Newsroom, varnish: Cache) -> None:
    """They make them of the address; without a cache there are none."""
    config = newsroom.config
    nginx, caddy = front(config, "nginx", port=80), front(config, "caddy", port=80)
    plain = replace(config, cdns=())

    own = re.search(r"map \$uri (\$dateline_\w+_tag) {", nginx)
    assert own
    assert f"add_header Surrogate-Key '{own[1]} all';" in nginx
    assert f"add_header Cache-Tag '{own[1]},all';" in nginx
    assert "Surrogate-Key `{dateline_tag} all`" in caddy
    assert "map {path} {dateline_tag} {" in caddy
    assert "_tag" not in front(plain, "nginx", port=80) + front(plain, "caddy", port=80)
    assert varnish.requests == []
