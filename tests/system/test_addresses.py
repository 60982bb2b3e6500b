"""Addresses from other people's documents are fetched from the public internet only."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import FetchError
from dateline.system import http
from dateline.system.addresses import is_public
from support.receiving import answering

INDOORS = st.one_of(
    st.ip_addresses(v=4, network="127.0.0.0/8"),
    st.ip_addresses(v=4, network="10.0.0.0/8"),
    st.ip_addresses(v=4, network="172.16.0.0/12"),
    st.ip_addresses(v=4, network="192.168.0.0/16"),
    st.ip_addresses(v=4, network="169.254.0.0/16"),
    st.ip_addresses(v=4, network="100.64.0.0/10"),
    st.ip_addresses(v=4, network="0.0.0.0/8"),
    st.ip_addresses(v=4, network="192.0.0.0/24"),
    st.ip_addresses(v=4, network="224.0.0.0/3"),
)
# IPv6 addresses that hold one of IPv4: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
HELD: tuple[Callable[[IPv4Address], IPv6Address], ...] = (
    lambda inner: IPv6Address(0xFFFF << 32 | int(inner)),
    lambda inner: IPv6Address(0x64FF9B << 96 | int(inner)),
    lambda inner: IPv6Address(0x2002 << 112 | int(inner) << 80 | 1),
)


class Answers(BaseHTTPRequestHandler):
    """Handler that answers each path with a prepared status, header fields and body."""

    def do_GET(self) -> None:
        """Answer a request."""
        known: dict[str, tuple[int, dict[str, str], bytes]] = self.server.known  # type: ignore[attr-defined]
        asked: list[str] = self.server.asked  # type: ignore[attr-defined]
        asked.append(self.path)
        status, fields, data = known.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def site(
    secured: ssl.SSLContext | None = None, /, **known: tuple[int, dict[str, str], bytes]
) -> Iterator[tuple[str, list[str]]]:
    """Serve paths under these names; yield the address and the list of requests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.known = {f"/{name}": answer for name, answer in known.items()}  # type: ignore[attr-defined]
    server.asked = []  # type: ignore[attr-defined]
    if secured:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    with answering(server):
        yield f"http://127.0.0.1:{server.server_port}/", server.asked  # type: ignore[attr-defined]


@given(INDOORS)
def test_private_addresses_are_not_public(address: IPv4Address) -> None:
    """An IPv6 form of a private IPv4 address is private too."""
    assert not is_public(str(address))
    for wrapped in HELD:
        assert not is_public(str(wrapped(address)))


@given(st.ip_addresses(v=6).filter(lambda address: int(address) >> 125 != 1))
def test_only_allocated_ipv6_addresses_are_public(address: IPv6Address) -> None:
    """Addresses that hold a public one of IPv4 are public too."""
    holds_another = int(address) >> 32 in {0xFFFF, 0x64FF9B << 64}
    assert holds_another or not is_public(str(address))


def home(url: str) -> frozenset[str]:
    """Return the address of a server on this machine with its port, as staff name it."""
    return frozenset({urlsplit(url).netloc})


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_public_addresses_are_public(address: str) -> None:
    """Translated forms of them are too."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/",
        "http://127.1/", "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://169.254.169.254/latest",
        "http://0/", "http://10.0.0.1:8080/",
    ],
)  # fmt: skip
def test_a_private_address_is_never_connected_to(address: str) -> None:
    """No spelling of the address gets through."""
    with pytest.raises(FetchError, match="is a private address"):
        http.get(address)


@contextmanager
def naming(monkeypatch: pytest.MonkeyPatch, **names: Sequence[str]) -> Iterator[list[str]]:
    """Resolve these names, and return a list of the names that were looked up."""
    asked: list[str] = []
    really = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        asked.append(name)
        if name not in names:
            return really(host, port, *args, **options)
        return [found for one in names[name] for found in really(one, port, *args, **options)]

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", resolve)
        yield asked


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1", "93.184.215.14"),
        ("127.0.0.1", "2606:2800:21f::1", "93.184.215.14"),
        ("127.0.0.1", "169.254.169.254"),
    ],
)
def test_a_name_is_refused_if_one_of_its_addresses_is_private(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    """The owner of a name chooses all its addresses."""
    with site(a=(200, {}, b"secret")) as (url, asked), naming(monkeypatch, both=addresses):
        port = urlsplit(url).port
        with pytest.raises(FetchError, match=f"both:{port} is a private address"):
            http.get(f"http://both:{port}/a")
        with pytest.raises(FetchError, match=f"both:{port} is a private address"):
            http.ask(f"http://both:{port}/a", {}, own="another")

    assert asked == []


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is made to the checked address, and the name is not resolved again."""
    with site(a=(200, {}, b"x")) as (url, _), naming(monkeypatch, once=["127.0.0.1"]) as names:
        port = urlsplit(url).port
        assert http.get(f"http://once:{port}/a", private={f"once:{port}"}).data == b"x"

    assert names.count("once") == 1


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A proxy would resolve the name itself, and reach its own private network."""
    with site() as (proxy, asked_of_proxy), site(a=(200, {}, b"x")) as (url, asked):
        monkeypatch.setenv(name, proxy.rstrip("/"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert http.get(f"{url}a", private=home(url)).data == b"x"
        with pytest.raises(FetchError, match="is a private address"):
            http.ask(f"{url}a", {}, own="another")

    assert (asked, asked_of_proxy) == (["/a"], [])


@pytest.mark.parametrize("user", ["user:password@", "user@", ":password@", "@"])
def test_an_address_with_a_password_is_refused(user: str) -> None:
    """Such an address in another's document misleads."""
    with site(a=(200, {}, b"x")) as (url, asked):
        address = url.replace("://", f"://{user}")
        with pytest.raises(FetchError, match="only addresses that begin with"):
            http.get(f"{address}a", private=home(url))

    assert asked == []


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://example.org/", "gopher://x/", "/etc/passwd", "http://"]
)
def test_only_http_and_https_are_fetched(address: str) -> None:
    """No other scheme and no file is opened."""
    with pytest.raises(FetchError):
        http.get(address)


def test_staff_may_allow_a_private_address() -> None:
    """Only that one is allowed, and it may not redirect to another."""
    with site(a=(302, {"Location": "http://localhost:1/"}, b""), b=(200, {}, b"x")) as (url, _):
        assert http.get(f"{url}b", private=home(url)).data == b"x"
        with pytest.raises(FetchError, match="is a private address"):
            http.get(f"{url}b")
        with pytest.raises(FetchError, match="localhost:1 is a private address"):
            http.get(f"{url}a", private=home(url))


def test_an_allowed_private_address_has_ports_80_and_443_unless_one_is_named() -> None:
    """Its other ports stay refused."""
    with site(a=(200, {}, b"x")) as (url, _):
        port = urlsplit(url).port
        for names in ({"127.0.0.1"}, {"127.0.0.1:80"}, {f"localhost:{port}"}):
            with pytest.raises(FetchError, match=rf"127\.0\.0\.1:{port} is a private address"):
                http.get(f"{url}a", private=names)
        assert http.get(f"{url}a", private={f"127.0.0.1:{port}"}).data == b"x"
    with pytest.raises(FetchError, match="cannot be reached"):
        http.get("http://[::ffff:127.0.0.1]:443/", private={"::ffff:127.0.0.1"})


def test_redirects_are_followed_a_few_times() -> None:
    """Redirects lead to other paths, never to a file, and end after a few."""
    answers = {
        "a": (301, {"Location": "/b"}, b""),
        "b": (200, {}, b"here"),
        "c": (307, {"Location": "/c"}, b""),
        "d": (302, {"Location": "file:///etc/passwd"}, b""),
    }
    with site(**answers) as (url, asked):
        found = http.get(f"{url}a", private=home(url))
        with pytest.raises(FetchError, match="again and again"):
            http.get(f"{url}c", private=home(url))
        with pytest.raises(FetchError, match="only addresses that begin with"):
            http.get(f"{url}d", private=home(url))

    assert (found.data, found.address) == (b"here", f"{url}b")
    assert asked.count("/c") < 10


@pytest.mark.long
def test_oversized_responses_are_refused() -> None:
    """The limit also stops a decompression bomb early."""
    packed = gzip.compress(bytes(50_000_000))
    gzipped = {"Content-Encoding": "gzip"}
    answers = {
        "big": (200, {}, bytes(2_000)),
        "bomb": (200, gzipped, packed),
        "good": (200, gzipped, gzip.compress(b"text")),
        "broken": (200, gzipped, b"no gzip"),
        "other": (200, {"Content-Encoding": "br"}, b"x"),
        "picture": (200, {"Content-Type": "image/png"}, b"x"),
    }
    with site(**answers) as (url, _):
        with pytest.raises(FetchError, match="more than 1000 bytes"):
            http.get(f"{url}big", private=home(url), most=1_000)
        with pytest.raises(FetchError, match="unpacks to more than"):
            http.get(f"{url}bomb", private=home(url), most=1_000_000)
        with pytest.raises(FetchError, match="cannot be unpacked"):
            http.get(f"{url}broken", private=home(url))
        with pytest.raises(FetchError, match="not asked for"):
            http.get(f"{url}other", private=home(url))
        with pytest.raises(FetchError, match="sent image/png"):
            http.get(f"{url}picture", private=home(url), refused=["image/"])
        with pytest.raises(FetchError, match="answered with 404"):
            http.get(f"{url}nothing", private=home(url))
        assert http.get(f"{url}good", private=home(url)).data == b"text"


def test_certificates_are_checked_for_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection uses the address, and the server gets the name (SNI)."""
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    files = ["-keyout", tmp_path / "key", "-out", tmp_path / "crt"]
    command = ["openssl", *words.split(), "subjectAltName=DNS:localhost", *map(str, files)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    with site(context, a=(200, {}, b"secret")) as (url, _):
        secure = url.replace("http", "https")
        here = home(secure) | home(secure.replace("127.0.0.1", "localhost"))
        with pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
            http.get(f"{secure.replace('127.0.0.1', 'localhost')}a", private=here)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "crt"))
        http.trusted.cache_clear()
        with pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
            http.get(f"{secure}a", private=here)
        found = http.get(f"{secure.replace('127.0.0.1', 'localhost')}a", private=here)
    http.trusted.cache_clear()

    assert found.data == b"secret"


def test_authorities_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for each exchange: it takes longer than most of them."""
    read: list[object] = []
    really = ssl.SSLContext.load_verify_locations

    def load(context: ssl.SSLContext, *args: Any, **options: Any) -> None:
        read.append(context)
        really(context, *args, **options)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    http.trusted.cache_clear()
    with site(a=(200, {}, b"text")) as (url, asked):
        for _ in range(2):
            http.get(f"{url}a", private=home(url))
            http.ask(f"{url}a", {})
            http.post_each(f"{url}a", [b"news"], media_type="text/plain")

    assert len(asked) >= 4
    assert len(read) == 1


@pytest.mark.parametrize(
    "address", ["2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:ffff:ffff::"]
)
def test_teredo_is_not_public(address: str) -> None:
    """A Teredo address leads to a machine behind somebody's router."""
    assert not is_public(address)
