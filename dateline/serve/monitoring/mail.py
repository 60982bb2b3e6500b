"""The mail client, with a time limit for each message."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import TYPE_CHECKING

from dateline.errors import FetchError
from dateline.system.http import LIMIT

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TAKING = 60.0  # seconds for a server to accept a message: some look into it first
_REFUSED = 400  # RFC 5321, section 4.2.1
_LEAVING = 2.0  # seconds for it to answer a goodbye


class _Client(smtplib.SMTP):
    """A client that knows whether it has begun to send the text of a message."""

    is_sending = False

    def data(self, msg: ReadableBuffer | str) -> tuple[int, bytes]:
        """Send the text of a message (RFC 5321, section 3.3)."""
        self.is_sending = True
        return super().data(msg)


def send(
    message: EmailMessage, server: tuple[str, int], *, limit: float = LIMIT, taking: float = TAKING
) -> list[str]:
    """Send a message to a mail server; return the recipients that it refused.

    Raises `FetchError` where the server does not answer within `limit` seconds, or has accepted
    none `taking` seconds later. One that is given up too early delivers the message all the same.
    """
    machine, port = server
    # Without this name smtplib would ask the name service, which may be slow.
    name = str(message["From"]).rpartition("@")[2]
    client = _Client(local_hostname=name, timeout=limit)
    try:
        with _time_limit(client, limit):
            client.connect(machine, port)
            client.ehlo_or_helo_if_needed()
        with _time_limit(client, taking):
            refused = client.send_message(message)
        # The server has the message.
        with suppress(OSError, smtplib.SMTPException), _time_limit(client, _LEAVING):
            client.quit()
    except (OSError, ValueError, smtplib.SMTPException) as error:  # of a name with two dots
        # An answer that was cut has another code.
        is_refused = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _REFUSED
        reason = f"the mail server {machine}:{port} did not take it: {error}"
        raise FetchError(reason, may_have_arrived=client.is_sending and not is_refused) from error
    finally:
        client.close()
    return sorted(refused)


@contextmanager
def _time_limit(client: smtplib.SMTP, limit: float) -> Iterator[None]:
    """Cut the connection after `limit` seconds: smtplib's own limit is for each response.

    One that began meanwhile, after addresses that were silent, is cut at the next limit.
    """
    is_over = threading.Event()

    def cut() -> None:
        while not is_over.wait(limit):
            with suppress(OSError):
                if sock := client.sock:
                    sock.shutdown(socket.SHUT_RDWR)

    if client.sock:
        client.sock.settimeout(limit)
    threading.Thread(target=cut, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
