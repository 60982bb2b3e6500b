"""The mail client, with a time limit for each message."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from dateline.errors import FetchError
from dateline.system.http import LIMIT

TAKING = 60.0  # seconds for a server to accept a message: some look into it first


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
    client = smtplib.SMTP(local_hostname=name, timeout=limit)
    try:
        with _time_limit(client, limit):
            client.connect(machine, port)
            client.ehlo_or_helo_if_needed()
        with _time_limit(client, taking):
            refused = client.send_message(message)
            with suppress(OSError, smtplib.SMTPException):  # the server has the message
                client.quit()
    except (OSError, ValueError, smtplib.SMTPException) as error:  # of a name with two dots
        raise FetchError(f"the mail server {machine}:{port} did not take it: {error}") from error
    finally:
        client.close()
    return sorted(refused)


@contextmanager
def _time_limit(client: smtplib.SMTP, limit: float) -> Iterator[None]:
    """Cut the connection after `limit` seconds: smtplib's own limit is for each response."""

    def cut() -> None:
        with suppress(OSError):
            if client.sock:
                client.sock.shutdown(socket.SHUT_RDWR)

    if client.sock:
        client.sock.settimeout(limit)
    timer = threading.Timer(limit, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
