"""The HTTP client, with a time limit for each exchange. The door to httpx.

A server that answers slowly, a byte at a time, or never, is given up at the limit.

Addresses are trusted by their author. Staff write those of hubs, webhooks and of the feed
that the doctor tests: they may name a private machine, and no redirect is followed from
there. `get` is for addresses in documents of others: it asks the public internet only, and the
private machines that staff allow.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from dateline.errors import FetchError
from dateline.system.addresses import is_reachable
from dateline.system.decompression import decoded

LIMIT = 10.0  # seconds
_SHARE = 1.0  # seconds to connect to each of many addresses of a host, at least
_REDIRECTS = 6  # requests, the first among them
ELSEWHERE = frozenset({301, 302, 303, 307, 308})  # RFC 9110, section 15.4
OWN: Mapping[str, str] = {"User-Agent": "Dateline", "Accept": "*/*"}
_GZIP = {**OWN, "Accept-Encoding": "gzip"}


def post(address: str, data: bytes, *, media_type: str, limit: float = LIMIT) -> None:
    """Send `data` to a web address; redirects are not followed.

    Raises `FetchError` unless the response within `limit` seconds is a success (RFC 9110, section
    15.3). Its text names only the host: an address may hold a password.
    """
    for failure in filter(None, post_each(address, [data], media_type=media_type, limit=limit)):
        raise failure from None


def post_each(
    address: str, each: Sequence[bytes], *, media_type: str, limit: float = LIMIT
) -> list[FetchError | None]:
    """Send several bodies to a web address at the same time; return the error of each, or None."""
    return asyncio.run(_post_each(address, each, media_type, limit))


async def _post_each(
    address: str, each: Sequence[bytes], media_type: str, limit: float
) -> list[FetchError | None]:
    # httpx takes a third of a short command's time to import.
    import httpx  # noqa: PLC0415

    host = host_of(address)
    headers = {"Content-Type": media_type}

    async def send(data: bytes) -> FetchError | None:
        is_sending = False

        async def note(event: str, _: object) -> None:
            nonlocal is_sending
            is_sending |= event.startswith("http11.send_request")

        request = client.stream(
            "POST", address, content=data, headers=headers, extensions={"trace": note}
        )
        try:
            async with asyncio.timeout(limit), request as answer:
                status, fields = answer.status_code, answer.headers
        except TimeoutError:
            reason = f"{host} did not answer within {limit:.0f} seconds"
            return FetchError(reason, may_have_arrived=is_sending)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _out_of_reach(host, error)
        if httpx.codes.is_success(status):
            return None
        after = fields.get("Retry-After", "")
        return FetchError(f"{host} answered with {status}", status=status, retry_after=after)

    async with httpx.AsyncClient(timeout=limit, verify=trusted()) as client:
        return await asyncio.gather(*(send(data) for data in each))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The response to one request: fields by lower-case names, the body as it was sent."""

    address: str
    status: int
    fields: Mapping[str, str]
    data: bytes
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One request, sent with exactly these fields; at most `most` bytes of the reply are read."""

    address: str
    fields: Mapping[str, str]
    method: str = "GET"
    data: bytes | None = None
    most: int
    is_exact: bool = False  # its path and query are sent as they are, however unusual

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.address)

    @property
    def extensions(self) -> dict[str, Any]:
        """Its name for TLS and, if that is exact, the target (`httpcore`)."""
        parts = self.parts
        own: dict[str, Any] = {"sni_hostname": parts.hostname}
        if self.is_exact:
            query = f"?{parts.query}" if parts.query else ""
            own["target"] = f"{parts.path or '/'}{query}".encode("ascii")
        return own


Ask = Callable[..., Reply]
Find = Callable[[str, int], Awaitable[Any]]  # like `getaddrinfo`


def ask(
    address: str,
    fields: Mapping[str, str],
    *,
    method: str = "GET",
    data: bytes | None = None,
    limit: float = LIMIT,
    most: int = 8_000_000,
    own: str | None = None,
    is_here: bool = False,
) -> Reply:
    """Request a web address with exactly these fields, and `data`; redirects are not followed.

    Nothing is decoded, and at most `most` bytes are read. If `own` names the host that staff
    asked about, any other must be on the public internet, as for `get`. What `is_here`, on this
    machine, is asked without a proxy of the environment. Raises `FetchError`.
    """
    import httpx  # noqa: PLC0415

    if not address.startswith(("https://", "http://")):
        raise FetchError(f"{address} is no web address: it has to begin with https:// or http://")
    host = host_of(address)
    try:
        request = _Request(address=address, fields=fields, method=method, data=data, most=most)
        return asyncio.run(_ask(request, limit, own, is_here=is_here))
    except TimeoutError as error:
        raise FetchError(f"{host} did not answer within {limit:.0f} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _out_of_reach(host, error) from error


async def _ask(request: _Request, limit: float, own: str | None, *, is_here: bool) -> Reply:
    parts = request.parts
    _ = parts.port  # raises `ValueError` for one that no machine has
    is_trusted = own is None or own == parts.hostname
    by_proxy = is_trusted and not is_here
    async with asyncio.timeout(limit), _client(limit, by_proxy=by_proxy) as client:
        client.headers.clear()
        places = [parts.netloc] if is_trusted else await _places(parts, ())
        return await _exchange(client, request, places)


async def _exchange(client: Any, request: _Request, places: Sequence[str]) -> Reply:
    """Send a request to the first of these places that accepts a connection.

    One that is silent leaves time for the next ones, and for an answer. If none does, the first
    one's error is raised: the system puts addresses that it has no route to at the end.
    """
    import httpx  # noqa: PLC0415

    started, parts, limit = monotonic(), request.parts, client.timeout.read
    share = max(_SHARE, limit / (2 * len(places)))
    headers = {"Host": parts.netloc.rpartition("@")[2], **request.fields}
    extensions = request.extensions
    failure: httpx.TransportError | None = None
    for place in places:
        there = parts._replace(netloc=place, fragment="").geturl()
        connected = limit if place == places[-1] else share
        try:
            async with client.stream(
                request.method,
                there,
                content=request.data,
                headers=headers,
                extensions=extensions,
                timeout=httpx.Timeout(limit, connect=connected),
                follow_redirects=False,
            ) as answer:
                data = bytearray()
                async for part in answer.aiter_raw():
                    data += part
                    if len(data) > request.most:
                        reason = f"{parts.hostname} sent more than {request.most} bytes"
                        raise FetchError(reason, status=answer.status_code)
                return Reply(
                    address=request.address,
                    status=answer.status_code,
                    fields={name.lower(): value for name, value in answer.headers.items()},
                    data=bytes(data),
                    seconds=monotonic() - started,
                )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failure = failure or error
    raise failure or AssertionError  # there is at least one place


def get(
    address: str,
    *,
    private: Container[str] = (),
    refused: Sequence[str] = (),
    limit: float = 3 * LIMIT,
    most: int = 20_000_000,
) -> Reply:
    """Fetch an address from a document of others, with redirects; the reply is decoded.

    The host's name is resolved once, all its addresses must be public (except for the hosts in
    `private`: `HOST` at ports 80 and 443, `HOST:PORT` at that one), and the connection is made to
    such an address; the same holds for each redirect. Raises `FetchError` for a media type that
    begins with one of `refused`, for more than `most` bytes before or after decoding, for any
    status but 200, and after `limit` seconds.
    """
    import httpx  # noqa: PLC0415

    host = host_of(address)
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
    async with asyncio.timeout(limit), _client(limit) as client:
        for _ in range(_REDIRECTS):
            request = _Request(address=address, fields=_GZIP, most=most)
            reply = await _exchange(client, request, await _places(request.parts, private))
            if reply.status not in ELSEWHERE:
                break
            address = urljoin(address, reply.fields.get("location", ""))
        else:
            raise FetchError(f"{host_of(address)} redirects again and again")
    if reply.status != httpx.codes.OK:
        raise FetchError(f"{host_of(address)} answered with {reply.status}", status=reply.status)
    kind = reply.fields.get("content-type", "").strip().lower()
    if kind.startswith(tuple(refused)):
        raise FetchError(f"{host_of(address)} sent {kind.partition(';')[0]}")
    data = _decoded(reply.data, reply.fields.get("content-encoding", ""), most)
    return replace(reply, data=data, seconds=monotonic() - started)


async def ask_stranger(
    address: str, *, allowed: Collection[str], find: Find, limit: float = LIMIT, most: int
) -> Reply:
    """Request an address that a stranger gave; no redirect is followed, and nothing is decoded.

    Its path and query are sent as they are. `find` resolves the host's name once; it must lead to
    the public internet, or the networks `allowed`. Raises `FetchError` without a reply of `most`
    bytes at most in `limit` seconds then.
    """
    import httpx  # noqa: PLC0415

    request = _Request(address=address, fields=OWN, most=most, is_exact=True)
    try:
        places = await _places(request.parts, (), allowed, find)
        async with asyncio.timeout(limit), _client(limit) as client:
            return await _exchange(client, request, places)
    except TimeoutError as error:
        raise FetchError(f"{host_of(address)} did not answer in {limit:.0f} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _out_of_reach(host_of(address), error) from error


def _client(limit: float, *, by_proxy: bool = False) -> Any:
    """Return a client; a proxy of the environment would resolve a name again."""
    import httpx  # noqa: PLC0415

    return httpx.AsyncClient(timeout=limit, trust_env=by_proxy, verify=trusted())


async def _places(
    parts: SplitResult, private: Container[str], allowed: Collection[str] = (), find: Any = None
) -> list[str]:
    """Resolve a name once, to addresses with ports such as `93.184.215.14:80`."""
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        raise FetchError("only addresses that begin with http:// or https:// are followed")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await (find or asyncio.get_running_loop().getaddrinfo)(host, port)
    addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
    names = _names_of(host, port)
    are_open = all(is_reachable(each, allowed) for each in addresses)
    if not any(name in private for name in names) and not are_open:
        raise FetchError(f"{names[0]} is a private address", private=names[0])
    return [f"[{each}]:{port}" if ":" in each else f"{each}:{port}" for each in addresses]


def _names_of(host: str, port: int) -> tuple[str, ...]:
    """Return the names by which staff may allow a machine; one without a port opens 80 and 443.

    >>> _names_of("::1", 80), _names_of("localhost", 8080)
    (('::1', '[::1]:80'), ('localhost:8080',))
    """
    exact = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return (host, exact) if port in {80, 443} else (exact,)


def _decoded(data: bytes, coding: str, most: int) -> bytes:
    """Decode the body of a reply; nothing is decompressed beyond `most` bytes."""
    named = coding.strip().lower().removeprefix("x-")
    if named not in {"", "identity", "gzip"}:
        raise FetchError(f"it came as {coding}, which was not asked for")
    try:
        return decoded(named.removeprefix("identity"), data, most)
    except ValueError as error:
        raise FetchError(f"it cannot be unpacked: {error}") from error


def seconds_after(field: str, now: datetime) -> int:
    """Return the seconds of a `Retry-After` (RFC 9110, section 10.2.3), or 0."""
    if field.isascii() and field.isdecimal():
        return int(field[:9])
    try:
        moment = parsedate_to_datetime(field)
    except (ValueError, OverflowError):  # of a year, hour or zone with very many digits
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, int(moment.timestamp()) - int(now.timestamp()))


def host_of(address: str) -> str:
    """Return the host of an address, or the address itself if it has none."""
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _out_of_reach(host: str, error: Exception) -> FetchError:
    """Return the error without the system's error number, to be part of a sentence."""
    import httpx  # noqa: PLC0415

    reason = re.sub(r"^\[Errno -?\d+\] ", "", str(error)).rstrip(".")
    lost_answer = (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError)
    return FetchError(
        f"{host} cannot be reached: {reason or type(error).__name__}",
        may_have_arrived=isinstance(error, lost_answer),
    )


@cache
def trusted() -> ssl.SSLContext:
    """Return the trusted authorities, read once: reading takes longer than many a response."""
    import httpx  # noqa: PLC0415

    return httpx.create_ssl_context()


def certificate_dates(host: str, port: int, *, limit: float = LIMIT) -> tuple[datetime, datetime]:
    """Return from when and until when a machine's certificate is valid.

    Raises `FetchError` where none is trusted for this name.
    """
    try:
        with (
            socket.create_connection((host, port), limit) as plain,
            trusted().wrap_socket(plain, server_hostname=host) as secured,
        ):
            found = secured.getpeercert() or {}
        first, last = (str(found.get(name, "")) for name in ("notBefore", "notAfter"))
        begins, ends = map(ssl.cert_time_to_seconds, (first, last))
    except (OSError, ValueError) as error:
        raise FetchError(f"{host} has no certificate that is trusted: {error}") from error
    return datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC)
