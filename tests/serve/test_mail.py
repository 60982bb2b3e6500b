"""Mail has a time limit, and a server that takes its time has it."""

from __future__ import annotations

import socket
import sys
from email.message import EmailMessage
from time import monotonic

import pytest

from dateline.errors import FetchError
from dateline.serve.monitoring import mail
from support.receiving import drip, mailbox, silent
from support.serving import PATIENCE, free_port


def message(*to: str) -> EmailMessage:
    """Return a message to these addresses."""
    written = EmailMessage()
    written["From"] = "news@example.org"
    written["To"] = ", ".join(to)
    written.set_content("Très important.")
    return written


def test_an_unreachable_mail_server_is_a_failure() -> None:
    """So is a name that none can have."""
    port = free_port()

    with pytest.raises(FetchError, match=f"the mail server 127.0.0.1:{port} did not take it"):
        mail.send(message("a@example.org"), ("127.0.0.1", port))
    with pytest.raises(FetchError, match=r"the mail server mail\.\.example\.org:25 did not"):
        mail.send(message("a@example.org"), ("mail..example.org", 25))


def test_a_slow_mail_server_is_given_up() -> None:
    """A server that sends byte by byte exceeds the total time limit."""
    with drip(b"220-", 3 * PATIENCE) as received:
        start = monotonic()

        with pytest.raises(FetchError, match="did not take it"):
            mail.send(message("a@example.org"), ("127.0.0.1", received.port), limit=0.6)

    assert 0.5 < monotonic() - start < PATIENCE


@pytest.mark.parametrize(
    ("answers", "may_have"), [(b"", False), (b"250 c\r\n250 d\r\n354 e\r\n", True)]
)
def test_a_message_may_have_arrived_once_its_text_is_sent(
    answers: bytes, *, may_have: bool
) -> None:
    """A server that is silent before has only the addresses."""
    with (
        drip(b"220 a\r\n250 b\r\n" + answers, 3 * PATIENCE) as received,
        pytest.raises(FetchError, match="did not take it") as caught,
    ):
        mail.send(message("a@example.org"), ("127.0.0.1", received.port), taking=0.6)

    assert caught.value.may_have_arrived == may_have


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
def test_a_slow_mail_server_behind_a_silent_address_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The silent one, as that of IPv6 where a network loses it, uses the first limit up."""
    with drip(b"220-", 3 * PATIENCE) as received, silent("127.0.0.2", received.port):
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, received.port))
            for address in ("127.0.0.2", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
        start = monotonic()

        with pytest.raises(FetchError, match="did not take it"):
            mail.send(message("a@example.org"), ("mail.example.org", received.port), limit=0.6)

    assert monotonic() - start < PATIENCE


def test_a_server_that_never_says_goodbye_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the message."""
    monkeypatch.setattr(mail, "_LEAVING", 0.2)
    with mailbox() as received:
        received.pause_at_end = 4
        start = monotonic()

        refused = mail.send(message("a@example.org"), ("127.0.0.1", received.port))
        took = monotonic() - start

    assert (refused, len(received.data)) == ([], 1)
    assert took < 3.5


@pytest.mark.long
def test_a_server_that_looks_into_the_mail_has_time() -> None:
    """It has the message, and delivers it, however soon it is given up."""
    with mailbox() as received:
        received.pause = 4
        place = ("127.0.0.1", received.port)

        refused = mail.send(message("a@example.org"), place, limit=3)
        with pytest.raises(FetchError, match="did not take it"):
            mail.send(message("a@example.org"), place, limit=3, taking=3)

    assert refused == []
    assert len(received.data) == 2


def test_mail_goes_to_the_accepted_recipients() -> None:
    """Refused recipients are named; sending fails only if all are refused."""
    with mailbox() as received:
        received.refuses = frozenset({"gone@example.org"})
        place = ("127.0.0.1", received.port)

        refused = mail.send(message("a@example.org", "gone@example.org"), place)
        with pytest.raises(FetchError):
            mail.send(message("gone@example.org"), place)

    assert refused == ["gone@example.org"]
    assert len(received.data) == 1
