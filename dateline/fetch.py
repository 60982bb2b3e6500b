"""How is somebody outside reached, within a time that is kept? The one door to httpx.

What answers slowly, a byte at a time or never, is given up all the same: a limit is for the
whole exchange.

Two kinds of addresses are told apart. Hubs, webhooks, mail servers and what the doctor looks at
are written by staff: such a line is the switch that lets a machine in the own house be asked, and
no redirect is followed from there. `get` is for what strangers wrote: it asks the public internet
alone, but for the machines that staff name.
"""

from __future__ import annotations

import asyncio
import re
import smtplib
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from dateline.errors import FetchError
from dateline.whereabouts import is_public

LIMIT = 10.0  # seconds
_REDIRECTS = 6  # one less is followed
ELSEWHERE = frozenset({301, 302, 303, 307, 308})  # RFC 9110, section 15.4
OWN: Mapping[str, str] = {"User-Agent": "Dateline", "Accept": "*/*"}


def post(address: str, data: bytes, *, media_type: str, limit: float = LIMIT) -> None:
    """Send `data` to a web address; redirects are not followed.

    Raises `FetchError` where nothing but success (RFC 9110, section 15.3) is answered within
    `limit` seconds. Its text names the host alone: an address may hold a password.
    """
    for failure in filter(None, post_each(address, [data], media_type=media_type, limit=limit)):
        raise failure


def post_each(
    address: str, each: Sequence[bytes], *, media_type: str, limit: float = LIMIT
) -> list[FetchError | None]:
    """Send each of these to a web address, all at the same time; give what failed in its place."""
    return asyncio.run(_post_each(address, each, media_type, limit))


async def _post_each(
    address: str, each: Sequence[bytes], media_type: str, limit: float
) -> list[FetchError | None]:
    # httpx takes a third of a short command's time to import: only where it is needed.
    import httpx  # noqa: PLC0415

    host = _host_of(address)
    headers = {"Content-Type": media_type}

    async def send(data: bytes) -> FetchError | None:
        request = client.stream("POST", address, content=data, headers=headers)
        try:
            async with asyncio.timeout(limit), request as answer:
                status, fields = answer.status_code, answer.headers
        except TimeoutError:
            return FetchError(f"{host} did not answer within {limit:.0f} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _out_of_reach(host, error)
        if httpx.codes.is_success(status):
            return None
        after = fields.get("Retry-After", "")
        return FetchError(f"{host} answered with {status}", status=status, retry_after=after)

    async with httpx.AsyncClient(timeout=limit) as client:
        return await asyncio.gather(*(send(data) for data in each))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was answered to one request: fields by lower-case names, bytes as they came."""

    address: str
    status: int
    fields: Mapping[str, str]
    data: bytes
    seconds: float


Ask = Callable[..., Reply]


def ask(
    address: str,
    fields: Mapping[str, str],
    *,
    method: str = "GET",
    limit: float = LIMIT,
    most: int = 8_000_000,
) -> Reply:
    """Ask for a web address with exactly these fields; redirects are not followed.

    Nothing is decoded, and at most `most` bytes are read. Raises `FetchError`.
    """
    import httpx  # noqa: PLC0415

    if not address.startswith(("https://", "http://")):
        raise FetchError(f"{address} is no web address: it has to begin with https://")
    host = _host_of(address)
    try:
        return asyncio.run(_ask(address, fields, method, limit, most))
    except TimeoutError as error:
        raise FetchError(f"{host} did not answer within {limit:.0f} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _out_of_reach(host, error) from error


async def _ask(
    address: str, fields: Mapping[str, str], method: str, limit: float, most: int
) -> Reply:
    import httpx  # noqa: PLC0415

    started = monotonic()
    async with asyncio.timeout(limit), httpx.AsyncClient(timeout=limit) as client:
        client.headers.clear()
        async with client.stream(method, address, headers=dict(fields)) as answer:
            data = bytearray()
            async for some in answer.aiter_raw():
                data += some
                if len(data) > most:
                    raise FetchError(f"{address} has more than {most} bytes")
            return Reply(
                address=address,
                status=answer.status_code,
                fields={name.lower(): value for name, value in answer.headers.items()},
                data=bytes(data),
                seconds=monotonic() - started,
            )


def get(
    address: str,
    *,
    private: Container[str] = (),
    refused: Sequence[str] = (),
    limit: float = 3 * LIMIT,
    most: int = 20_000_000,
) -> Reply:
    """Fetch what somebody else's document names, with redirects; the reply has it decoded.

    Its name is resolved once, every address that it has must be public (but for the hosts in
    `private`), and the connection is made to that very address; each redirect likewise. Media
    types that begin with one of `refused`, more than `most` bytes before or after decoding, and
    anything but 200 raise `FetchError`, and so does all that takes longer than `limit` seconds.
    """
    import httpx  # noqa: PLC0415

    host = _host_of(address)
    try:
        return asyncio.run(_get(address, private, refused, limit, most))
    except TimeoutError as error:
        raise FetchError(f"{host} did not answer within {limit:.0f} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _out_of_reach(host, error) from error


async def _get(
    address: str, private: Container[str], refused: Sequence[str], limit: float, most: int
) -> Reply:
    import httpx  # noqa: PLC0415

    started = monotonic()
    # No proxy from the environment: it would resolve the name again.
    client = httpx.AsyncClient(timeout=limit, trust_env=False, verify=_trusted())
    async with asyncio.timeout(limit), client:
        for _ in range(_REDIRECTS):
            status, fields, data = await _step(client, address, private, most)
            if status not in ELSEWHERE:
                break
            address = urljoin(address, fields.get("location", ""))
        else:
            raise FetchError(f"{_host_of(address)} redirects again and again")
    if status != httpx.codes.OK:
        raise FetchError(f"{_host_of(address)} answered with {status}", status=status)
    kind = fields.get("content-type", "").strip().lower()
    if kind.startswith(tuple(refused)):
        raise FetchError(f"{_host_of(address)} sent {kind.partition(';')[0]}")
    data = _decoded(data, fields.get("content-encoding", ""), most)
    seconds = monotonic() - started
    return Reply(address=address, status=status, fields=fields, data=data, seconds=seconds)


async def _step(
    client: Any, address: str, private: Container[str], most: int
) -> tuple[int, dict[str, str], bytes]:
    """Ask once, at the addresses that were looked at, until one of them answers."""
    import httpx  # noqa: PLC0415

    parts = urlsplit(address)
    places = await _places(parts, private)
    headers = {**OWN, "Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "gzip"}
    extensions = {"sni_hostname": parts.hostname}
    for place in places:
        there = parts._replace(netloc=place, fragment="").geturl()
        try:
            async with client.stream(
                "GET", there, headers=headers, extensions=extensions, follow_redirects=False
            ) as answer:
                fields = {name.lower(): value for name, value in answer.headers.items()}
                data = bytearray()
                async for some in answer.aiter_raw():
                    data += some
                    if len(data) > most:
                        raise FetchError(f"{parts.hostname} sent more than {most} bytes")
                return answer.status_code, fields, bytes(data)
        except httpx.ConnectError:
            if place == places[-1]:
                raise
    raise AssertionError  # there is a last one


async def _places(parts: SplitResult, private: Container[str]) -> list[str]:
    """Resolve a name, once, to what stands in its place: `93.184.215.14:80`."""
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        raise FetchError("only addresses that begin with http:// or https:// are followed")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
    if host not in private and not all(map(is_public, addresses)):
        raise FetchError(f"{host} is a machine in somebody's own house, or in none")
    return [f"[{each}]:{port}" if ":" in each else f"{each}:{port}" for each in addresses]


def _decoded(data: bytes, coding: str, most: int) -> bytes:
    """Undo the coding of a reply; what would grow beyond `most` bytes is never unpacked."""
    if coding.strip().lower() in {"", "identity"}:
        return data
    if coding.strip().lower() not in {"gzip", "x-gzip"}:
        raise FetchError(f"it came as {coding}, which was not asked for")
    unpacking = zlib.decompressobj(wbits=31)
    try:
        whole = unpacking.decompress(data, most + 1)
    except zlib.error as error:
        raise FetchError(f"it cannot be unpacked: {error}") from error
    if len(whole) > most:
        raise FetchError(f"it unpacks to more than {most} bytes")
    return whole


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _out_of_reach(host: str, error: Exception) -> FetchError:
    """Say it without the number of the system's fault, as a part of a sentence."""
    reason = re.sub(r"^\[Errno -?\d+\] ", "", str(error)).rstrip(".")
    return FetchError(f"{host} cannot be reached: {reason or type(error).__name__}")


@cache
def _trusted() -> ssl.SSLContext:
    """Read which authorities are trusted, once: it takes longer than many an answer."""
    import httpx  # noqa: PLC0415

    return httpx.create_ssl_context()


def certificate_ends(host: str, port: int, *, limit: float = LIMIT) -> datetime:
    """Give when the certificate of a machine ends; raises `FetchError` where none is trusted."""
    try:
        with (
            socket.create_connection((host, port), limit) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            ends = str((secured.getpeercert() or {}).get("notAfter", ""))
            return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    except (OSError, ValueError) as error:
        raise FetchError(f"{host} has no certificate that is trusted: {error}") from error


def send(message: EmailMessage, server: tuple[str, int], *, limit: float = LIMIT) -> list[str]:
    """Give a message to a mail server; give those of its recipients that were refused.

    Raises `FetchError` where nobody was accepted within `limit` seconds.
    """
    machine, port = server
    # Without a name of its own smtplib would ask the name service, which may take its time.
    name = str(message["From"]).rpartition("@")[2]
    client = smtplib.SMTP(local_hostname=name, timeout=limit)
    try:
        with _given_up(client, limit):
            client.connect(machine, port)
            refused = client.send_message(message)
            with suppress(OSError, smtplib.SMTPException):  # it has the message
                client.quit()
    except (OSError, smtplib.SMTPException) as error:
        raise FetchError(f"the mail server {machine}:{port} did not take it: {error}") from error
    finally:
        client.close()
    return sorted(refused)


@contextmanager
def _given_up(client: smtplib.SMTP, limit: float) -> Iterator[None]:
    """Cut the connection after `limit` seconds: smtplib's own limit is for each answer."""

    def cut() -> None:
        with suppress(OSError):
            if client.sock:
                client.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(limit, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
