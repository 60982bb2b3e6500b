"""The check that a port is free, before anything is started on it."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress

from dateline.errors import DatelineError
from dateline.messages import program

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - it is compared


def probe(host: str, port: int) -> None:
    """Raise `DatelineError` if a port is taken: two granians would share it without an error."""
    try:
        _bind(host, port)
    except OSError as error:
        raise DatelineError(_sentence(host, port, error)) from error


def probe_beside(host: str, port: int, own: tuple[str, int]) -> None:
    """Raise `DatelineError` if a port is taken by others than those at an `own` host and port.

    So it does where nothing can listen at the host.
    """
    probe(host, 0)
    hosts = {address_of(host)}
    with suppress(OSError):  # its name is no longer known
        hosts.add(address_of(own[0]))
    is_shared = port == own[1] and (len(hosts) == 1 or not _EVERYWHERE.isdisjoint(hosts))
    probe(host, 0 if is_shared else port)


def _sentence(host: str, port: int, error: OSError) -> str:
    """Return the sentence that names the reason, and what to type."""
    again = f"type: {program.name()} serve"
    if error.errno == errno.EADDRINUSE:
        free = _next_free(host, port)
        return f"Another program has port {port} on {host}: stop it, or {again} --port {free}"
    if error.errno == errno.EACCES:
        return f"Port {port} is for the system's own programs: {again} --port 8000"
    return f"Nothing can be served at {host} ({error.strerror}): {again} --host 127.0.0.1"


def address_of(host: str) -> str:
    """Return the IP address of a host, which may have a name or be written in another form.

    Raises `OSError` if it is unknown.

    >>> address_of("127.1")
    '127.0.0.1'
    """
    return str(resolved(host, 0)[1][0])


def resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]:
    """Return the family and the address at which a host listens.

    Raises `OSError` if it is unknown, or not a valid name.
    """
    invalid = socket.gaierror(socket.EAI_NONAME, "it is not a valid host name")
    if host == "*":  # some systems read this as the address of this machine alone
        raise invalid
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except UnicodeError as error:  # "news..example.org", or a label of more than 63 characters
        raise invalid from error
    return family, tuple(address)


def _bind(host: str, port: int) -> None:
    family, address = resolved(host, port)
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


def _next_free(host: str, port: int) -> int:
    for candidate in range(port + 1, min(port + 100, 65536)):
        try:
            _bind(host, candidate)
        except OSError:
            continue
        return candidate
    return 8000
