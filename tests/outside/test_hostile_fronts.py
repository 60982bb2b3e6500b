"""Attacks on the wire through every printed or documented configuration of a server in front.

`FRONTS` lists the configurations, and `data/attacks/` has the attacks: framing, paths, clients,
requests (of the newsroom) and forgeries. Of bad clients there are 200 of each form, a thousand
with CLIENTS=1000 in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPResponse
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from dateline.newsroom.access.limit import LoginLimit
from outside.attacked import ELSEWHERE, FRONTS, NEWSROOMS, SITES, Front, Fronts, behind, status_of
from support.attacks import Attack, attacks, whole
from support.framing import received
from support.hostile_clients import many_files, opened
from support.hostile_newsroom import OUTSIDE
from support.serving import until

pytestmark = pytest.mark.outside

CLIENTS = int(os.environ.get("CLIENTS", "200"))
FLOOD = 20  # times fewer clients, where each of their requests takes a newsroom a while
LARGE = 65_536  # bytes of a head, more than any program takes
AT_ONCE = 26  # fewer than a newsroom answers
LISTED = "/entries/cooling"
SHOWN, EDITOR, FIGURES = b"cooling.toml", b"<bdi>Editor</bdi>", b"dateline_"
# At each of them the answer is the same for everybody.
ADDRESSES = ["/news.rss", "/", "/feed", "/nothing.html"]
PASSING = ("date", "age", "x-varnish", "connection", "content-length", "transfer-encoding")


@pytest.fixture(scope="module")
def fronts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fronts]:
    """Yield all fronts, with what is behind them."""
    with behind(tmp_path_factory.mktemp) as found, ExitStack() as stack, many_files(CLIENTS):
        yield Fronts(behind=found, stack=stack)


def each(table: list[Attack], judge: Callable[[Attack], Any]) -> dict[str, Any]:
    """Judge all attacks of a table, many at once; return what was found, by their names."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(judge, table)
        return {one["name"]: fault for one, fault in zip(table, found, strict=True) if fault}


# ---- What anybody sends


@pytest.mark.parametrize("name", FRONTS)
def test_no_request_hides_in_another_behind_a_front(fronts: Fronts, name: str) -> None:
    """What a front blocks or sets does not pass in another request, nor spoil the next answer.

    It blocks metrics, and sets the name of a person.
    """
    front, hidden = fronts[name], "/metrics" if name in SITES else LISTED

    def judge(attack: Attack) -> str:
        lines = f"\r\nRemote-User: Editor\r\nCookie: {front.cookie or 'a=b'}\r\nHost: "
        asked = attack["request"].replace("\r\nHost: ", lines).replace("\nHost: ", lines[1:])
        own: dict[str, Any] = {"smuggled": hidden, "line": "Remote-User: Editor", "waits": 1.0}
        heard = received(front.port, {"request": asked}, front.host, **own)
        return "shown" if FIGURES in heard or EDITOR in heard else ""

    assert each(attacks("framing"), judge) == {}
    assert [front.answers() for _ in range(20)] == [True] * 20


@pytest.mark.parametrize("name", FRONTS)
def test_bad_clients_keep_nobody_out_behind_a_front(fronts: Fronts, name: str) -> None:
    """While very many of each form are there, others are answered."""
    front = fronts[name]
    own = f"Host: {front.host}\r\nCookie: {front.cookie or 'a=b'}\r\n"
    found = {}
    for attack in attacks("clients"):
        sends = attack["sends"].replace("Host: x\r\n", own)
        is_flood = name in NEWSROOMS and attack.get("floods")
        clients = CLIENTS // FLOOD if is_flood else CLIENTS
        with ExitStack() as stack:
            asked = {**attack, "sends": sends, "clients": clients}
            opened(front.port, asked, stack, source=ELSEWHERE)
            until(front.answers)  # a busy machine is slow until all are connected
            found[attack["name"]] = [front.answers() for _ in range(10)]

    assert {key: value for key, value in found.items() if not all(value)} == {}


# ---- The site


@pytest.mark.parametrize("name", SITES)
def test_no_path_leads_out_behind_a_front(fronts: Fronts, name: str) -> None:
    """No spelling of a path reaches a file that is no document."""
    front = fronts[name]

    def judge(attack: Attack) -> bytes:
        answer = front.send(front.request(front.prefix + whole(attack["target"])))
        is_shown = b"[publication]" in answer or b"SQLite" in answer
        return answer[:200] if is_shown or 200 <= status_of(answer) < 300 else b""

    assert each(attacks("paths"), judge) == {}


@pytest.mark.parametrize("name", SITES)
def test_figures_are_for_the_house_behind_a_front(fronts: Fronts, name: str) -> None:
    """No spelling of their address, also below the path of the publication."""
    front = fronts[name]
    (targets,) = (one["targets"] for one in attacks("forgeries", "figures"))
    asked = [front.filled(prefix + one) for one in targets for prefix in {"", front.prefix}]
    shown = [one for one in asked if FIGURES in front.send(front.request(one))]

    assert shown == []


def test_figures_are_sent_without_a_front(fronts: Fronts) -> None:
    """Else the tests above could not fail."""
    own = Front(port=fronts.behind.port)

    assert FIGURES in own.send(own.request("/metrics"))


@pytest.mark.parametrize("name", SITES)
def test_no_forgery_changes_what_others_get(fronts: Fronts, name: str) -> None:
    """Nothing of it is repeated, and the next answer at its address is that of another address."""
    front = fronts[name]

    def judge(attack: Attack) -> list[Any]:
        found: list[Any] = []
        for address in ADDRESSES:
            own, other = (f"{front.prefix}{address}?{word}{id(attack):x}" for word in "xy")
            lines = [front.filled(line) for line in attack["lines"]]
            target = front.filled(attack.get("target", own))
            asked = front.request(
                target, *lines, method=attack.get("method", "GET"), host=attack.get("host")
            )
            heard = front.send(asked)
            after, expected = (lasting(front.asked(one), one) for one in (own, other))
            words = (b"attack.example", OUTSIDE.encode(), FIGURES)
            is_repeated = any(word in heard for word in words)
            found += [(heard[:300], after, expected)] if is_repeated or after != expected else []
        return found

    assert each(attacks("forgeries", "site"), judge) == {}


def lasting(answer: bytes, address: str) -> tuple[Any, ...]:
    """Return the parts of an answer that do not change with each request, without its query."""
    found = HTTPResponse(SimpleNamespace(makefile=lambda _: BytesIO(answer)))  # type: ignore[arg-type]  # a socket
    found.begin()
    query = address.partition("?")[2]
    fields = {key.lower(): value.replace(query, "") for key, value in found.getheaders()}
    for name in PASSING:
        fields.pop(name, None)
    return found.status, fields, found.read().replace(query.encode(), b"")


@pytest.mark.parametrize("name", SITES)
def test_nobody_outside_purges_behind_a_front(fronts: Fronts, name: str) -> None:
    """From another machine, and through a server with TLS on this one, which says for whom."""
    front = fronts[name]
    passed = "X-Forwarded-For: 192.0.2.1"

    def judge(attack: Attack) -> list[int]:
        target = f"{front.prefix}/news.rss"
        here, there = (
            status_of(front.send(front.request(target, *lines, method=attack["method"]), source))
            for source, lines in (
                ("127.0.0.1", [*attack["lines"], passed]),
                (ELSEWHERE, attack["lines"]),
            )
        )
        return [one for one in (here, there) if 200 <= one < 300]

    assert each(attacks("forgeries", "purge"), judge) == {}


# ---- The newsroom


@pytest.mark.parametrize("name", NEWSROOMS)
def test_nobody_becomes_an_editor_behind_a_front(fronts: Fronts, name: str) -> None:
    """Neither outsiders nor readers; and outsiders see nothing of the newsroom."""
    front, target = fronts[name], fronts.behind.target
    before = target.decided()

    def judge(attack: Attack) -> list[bytes]:
        lines = [front.filled(line) for line in attack["lines"]]
        asked = front.filled(attack.get("target", LISTED))
        found = []
        for cookie in {"", front.cookie}:
            own = [f"Cookie: {cookie}"] if cookie else []
            heard = front.send(
                front.request(
                    asked, *own, *lines, method=attack.get("method", "GET"), host=attack.get("host")
                )
            )
            is_shown = EDITOR in heard or (not cookie and SHOWN in heard)
            found += [heard[:300]] if is_shown or b"Set-Cookie" in heard else []
        return found

    assert each(attacks("forgeries", "staff"), judge) == {}
    assert target.decided() == before


@pytest.mark.parametrize("name", NEWSROOMS)
def test_an_editor_sees_the_newsroom_behind_a_front(fronts: Fronts, name: str) -> None:
    """Else the tests above could not fail."""
    front, target = fronts[name], fronts.behind.target
    session = f"{target.room.access.cookie_name}={target.cookies['editor']}"
    cookie = "sso=Editor" if front.cookie else session

    heard = front.send(front.request(LISTED, f"Cookie: {cookie}"))

    assert EDITOR in heard
    assert SHOWN in heard


@pytest.mark.parametrize("name", NEWSROOMS)
def test_a_hostile_request_does_nothing_behind_a_front(fronts: Fronts, name: str) -> None:
    """As without a front: nothing is decided, written or signed in, or shown from outside."""
    front, target, found = fronts[name], fronts.behind.target, {}
    before = target.decided()
    for attack in attacks("requests"):
        for cookie in {"", front.cookie}:
            target.room.limit = LoginLimit()
            data = sent(front, fronts, attack, cookie)
            heard = front.send(data)
            status = status_of(heard)
            usual = {0, 302, 303, 200 if cookie else attack["status"]}
            usual |= {502} if len(data) > LARGE else set()  # the newsroom closes the connection
            texts = [b"Set-Cookie", OUTSIDE.encode(), b"Location: http://attack.example"]
            is_reached = bool(cookie or not front.cookie)
            texts += [attack["not"].encode()] if is_reached and "not" in attack else []
            is_expected = status in usual or 400 <= status < 500
            if not is_expected or any(text in heard for text in texts):
                found[attack["name"], cookie] = heard[:300]
            elif target.decided() != before:
                found[attack["name"], cookie] = b"decided"

    assert found == {}


def sent(front: Front, fronts: Fronts, attack: Attack, cookie: str) -> bytes:
    """Return the request of an attack on the newsroom, as it is sent to a front."""
    request = fronts.behind.target.request(attack)
    fields = dict(request.fields)
    cookies = [one for one in (fields.pop("Cookie", ""), cookie) if one]
    host = fields.pop("Host", None)
    body = urlencode(request.form) or request.body
    lines = [f"{key}: {value}" for key, value in fields.items()]
    lines += [f"Cookie: {'; '.join(cookies)}"] if cookies else []
    if body and "Content-Type" not in fields:
        lines.append("Content-Type: application/x-www-form-urlencoded")
    target = f"{request.path}{'?' if request.query else ''}{request.query}"
    lines += [f"Content-Length: {len(body)}"] if body else []
    return front.request(target, *lines, method=request.method, host=host) + body.encode()


@pytest.mark.parametrize("name", NEWSROOMS)
def test_forged_addresses_count_for_nobody_behind_a_front(fronts: Fronts, name: str) -> None:
    """Wrong tokens count for the address that connects, whatever others it says it passes on."""
    front, target = fronts[name], fronts.behind.target
    limit = target.room.limit = LoginLimit()
    for number in range(10):
        forged = [f"X-Forwarded-For: 192.0.2.{number}", f"Authorization: Bearer wrong-{number}"]
        front.asked("/drop/a.toml", *forged, "Forwarded: for=192.0.2.99", "X-Real-IP: 192.0.2.99")

    now = target.newsroom.now
    assert limit.waits(ELSEWHERE, now)
    assert not any(limit.waits(f"192.0.2.{number}", now) for number in (*range(10), 99))
    assert not limit.waits("127.0.0.1", now)
