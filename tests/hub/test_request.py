"""Requests to the hub are read and judged by WebSub, section 5.1."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from dateline.config import Config
from dateline.hub.request import FORM, HubAnswer, judge
from dateline.ledger.queries.notices.requests import SubscriptionRequest
from dateline.model import HubSettings
from dateline.system.addresses import site_of
from support.callbacks import form
from support.publication import Newsroom

NOW = 1_800_000_000
SITE = "http://127.0.0.1:8000/"
SIGNING = "ключ"
TOPIC, CALLBACK = f"{SITE}news.rss", "https://reader.example.net/callback?id=7"
SETTINGS = HubSettings(lease=1000, lease_min=100, lease_max=2000)


def judged(
    config: Config,
    fields: dict[str, str] | bytes,
    settings: HubSettings = SETTINGS,
    media_type: str = FORM,
) -> SubscriptionRequest | HubAnswer:
    """Return what a form leads to."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    return judge(body, media_type, config, settings, now=NOW, challenge="random")


def accepted(
    config: Config, fields: dict[str, str], settings: HubSettings = SETTINGS
) -> SubscriptionRequest:
    """Return the request in a form."""
    found = judged(config, fields, settings)
    assert isinstance(found, SubscriptionRequest)
    return found


def test_a_request_is_read(newsroom: Newsroom) -> None:
    """Its values are as the subscriber wrote them, with the lease that it gets."""
    fields = form(TOPIC, CALLBACK, secret=SIGNING, lease_seconds="500")

    assert accepted(newsroom.config, fields) == SubscriptionRequest(
        mode="subscribe",
        path="news.rss",
        callback=CALLBACK,
        host="reader.example.net",
        secret=SIGNING,
        lease=500,
        challenge="random",
        received=NOW,
        due=NOW,
    )
    assert accepted(newsroom.config, form(TOPIC, CALLBACK, "unsubscribe")).mode == "unsubscribe"


def test_unknown_fields_are_ignored(newsroom: Newsroom) -> None:
    """Also those of PubSubHubbub 0.3, and a field that is there twice: the first counts."""
    fields = {**form(TOPIC, CALLBACK), "foo": "bar", "hub.foo": "hub.bar", "hub.verify": "sync"}
    plain = accepted(newsroom.config, form(TOPIC, CALLBACK))
    twice = urlencode([*fields.items(), ("hub.mode", "unsubscribe")]).encode()

    assert accepted(newsroom.config, fields) == plain
    assert judged(newsroom.config, twice, media_type=f"{FORM}; charset=utf-8") == plain


@pytest.mark.parametrize(
    ("asked", "lease"),
    [("", 1000), ("500", 500), ("1", 100), ("999999", 2000), ("9" * 5000, 2000), ("0100", 100)],
)
def test_a_lease_is_within_bounds(newsroom: Newsroom, asked: str, lease: int) -> None:
    """A subscriber gets what it asks for, or the nearest that the hub gives."""
    assert accepted(newsroom.config, form(TOPIC, CALLBACK, lease_seconds=asked)).lease == lease


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("hub.mode", "", "hub.mode has to be subscribe or unsubscribe."),
        ("hub.mode", "publish", "hub.mode has to be subscribe or unsubscribe."),
        ("hub.mode", "denied", "hub.mode has to be subscribe or unsubscribe."),
        ("hub.topic", "", "hub.topic is missing: it is the address of a feed."),
        ("hub.topic", "https://other.example.net/news.rss", "hub.topic has to be the address"),
        ("hub.topic", f"{SITE}a\nb", "hub.topic has to be the address of a feed below"),
        ("hub.callback", "", "hub.callback is missing: it is the address of the subscriber."),
        ("hub.callback", "ftp://a.example.net/", "hub.callback has to be an http or https"),
        ("hub.callback", "https:///callback", "hub.callback has to be an http or https"),
        ("hub.callback", "https://a:b@a.example.net/", "hub.callback has to be an http or https"),
        ("hub.callback", "https://a.example.net/#b", "hub.callback has to be an http or https"),
        ("hub.callback", "https://a.example.net:99999/", "hub.callback has to be an http or"),
        ("hub.callback", "https://[::1/", "hub.callback has to be an http or https"),
        ("hub.callback", "https://a.example.net/a b", "hub.callback has to be an http or https"),
        ("hub.callback", "https://é.example.net/", "hub.callback has to be an http or https"),
        ("hub.callback", "https://a.example.net/\r\nX: y", "hub.callback has to be an http or"),
        ("hub.callback", f"https://a.example.net/{'a' * 2048}", "hub.callback has to be an http"),
        ("hub.callback", "http://127.0.0.1/", "hub.callback is at a private address."),
        ("hub.callback", "http://localhost/", "hub.callback is at a private address."),
        ("hub.callback", "http://localhost./", "hub.callback is at a private address."),
        ("hub.callback", "http://127.0.0.1./", "hub.callback has an IP address in an unusual"),
        ("hub.callback", "http://./", "hub.callback has to be an http or https"),
        ("hub.callback", "http://[::ffff:10.0.0.1]/", "hub.callback is at a private address."),
        ("hub.callback", "http://169.254.169.254/", "hub.callback is at a private address."),
        ("hub.callback", "http://0x5db8d70e/", "hub.callback has an IP address in an unusual"),
        ("hub.callback", "http://1572395790/", "hub.callback has an IP address in an unusual"),
        ("hub.callback", "http://0135.184.215.14/", "hub.callback has an IP address in an unusual"),
        ("hub.callback", "http://93.184.55054/", "hub.callback has an IP address in an unusual"),
        ("hub.callback", "http://[2600:1406::1%1]/", "hub.callback has an IP address in an"),
        ("hub.callback", "http://%39%33.184.215.14/", "hub.callback has an IP address in an"),
        ("hub.secret", "ж" * 100, "hub.secret has to have less than 200 bytes."),
        ("hub.lease_seconds", "ten", "hub.lease_seconds has to be a whole number, like 864000."),
        ("hub.lease_seconds", "-1", "hub.lease_seconds has to be a whole number, like 864000."),
        ("hub.lease_seconds", "0", "hub.lease_seconds has to be a whole number, like 864000."),
    ],
)
def test_a_wrong_request_is_refused(
    newsroom: Newsroom, name: str, value: str, sentence: str
) -> None:
    """The answer is one sentence, for the developer of the subscriber."""
    found = judged(newsroom.config, {**form(TOPIC, CALLBACK), name: value})

    assert isinstance(found, HubAnswer)
    assert found.status == "400 Bad Request"
    assert found.text.startswith(sentence)
    assert len(found.text.splitlines()) == 1


@pytest.mark.parametrize("body", [b"hub.mode=%FF", b"\xff", b"a=b&" * 60])
def test_a_form_that_cannot_be_read_is_refused(newsroom: Newsroom, body: bytes) -> None:
    """Bytes that are no UTF-8, and more fields than any request has."""
    found = judged(newsroom.config, body)

    assert isinstance(found, HubAnswer)
    assert found.text == "The form cannot be read: its fields have to be UTF-8."


def test_another_media_type_is_refused(newsroom: Newsroom) -> None:
    """Forms come in one way."""
    found = judged(newsroom.config, form(TOPIC, CALLBACK), media_type="application/json")

    assert isinstance(found, HubAnswer)
    assert found.status == "415 Unsupported Media Type"


def test_staff_allow_private_networks(newsroom: Newsroom) -> None:
    """All others stay refused."""
    allowing = replace(SETTINGS, allow=("10.0.0.0/8", "127.0.0.1/32"))

    assert (
        accepted(newsroom.config, form(TOPIC, "http://10.1.2.3:81/"), allowing).host == "10.1.2.3"
    )
    assert accepted(newsroom.config, form(TOPIC, "http://localhost/"), allowing).host == "localhost"
    assert isinstance(
        judged(newsroom.config, form(TOPIC, "http://192.168.0.1/"), allowing), HubAnswer
    )


@pytest.mark.parametrize("host", ["[2600:1406:0::1]", "[2600:1406:0000:0:0:0:0:0001]"])
def test_an_address_counts_as_one_host(newsroom: Newsroom, host: str) -> None:
    """Strangers could otherwise have a machine asked more often by other forms of its address."""
    found = accepted(newsroom.config, form(TOPIC, f"http://{host}/"))

    assert (found.host, found.callback) == ("2600:1406::1", f"http://{host}/")


def test_a_name_counts_as_one_host(newsroom: Newsroom) -> None:
    """A dot at its end says only that it is whole."""
    hosts = ("a.example.net", "a.example.net.", "A.example.net")
    found = [accepted(newsroom.config, form(TOPIC, f"http://{host}/")).host for host in hosts]

    assert found == ["a.example.net"] * 3


def test_addresses_of_one_network_count_as_one_site() -> None:
    """An owner of a network of IPv6 has any number of addresses, as one of a domain has names."""
    assert site_of("2600:1406::1") == site_of("2600:1406:0:1::1") != site_of("2600:1406:1::1")
