"""How is somebody outside reached, within a time that is kept? The one door to httpx.

What answers slowly, a byte at a time or never, is given up all the same: a limit is for the
whole exchange.
"""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from time import monotonic
from urllib.parse import urlsplit

from dateline.errors import FetchError

LIMIT = 10.0  # seconds
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

    host = urlsplit(address).hostname
    headers = {"Content-Type": media_type}

    async def send(data: bytes) -> FetchError | None:
        request = client.stream("POST", address, content=data, headers=headers)
        try:
            async with asyncio.timeout(limit), request as answer:
                status, fields = answer.status_code, answer.headers
        except TimeoutError:
            return FetchError(f"{host} did not answer within {limit:.0f} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return FetchError(f"{host} cannot be reached: {error or type(error).__name__}")
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

    host = urlsplit(address).hostname
    try:
        return asyncio.run(_ask(address, fields, method, limit, most))
    except TimeoutError as error:
        raise FetchError(f"{host} did not answer within {limit:.0f} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise FetchError(f"{host} cannot be reached: {error or type(error).__name__}") from error


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
