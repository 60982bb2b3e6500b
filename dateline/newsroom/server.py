"""Where is the newsroom served, and by what?

By Werkzeug's server (`dateline.newsroom.connections`), in a thread of the publisher, on a socket
of ours. Publishing goes on without it.
"""

from __future__ import annotations

import dataclasses
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from dateline.config import Config, is_own_machine
from dateline.errors import DatelineError
from dateline.newsroom.app import create_app
from dateline.newsroom.connections import BoundedServer
from dateline.newsroom.state import Clock, Newsroom, Say, unsaid

_log = logging.getLogger(__name__)


def placed(config: Config, place: str) -> Config:
    """Give a configuration whose newsroom is at `place`: `off`, HOST:PORT, or as it says.

    Raises `DatelineError` where others could come in without a token.
    """
    own = config.newsroom
    if not place:
        return config
    if place == "off":
        off = dataclasses.replace(own, token="", without_token=False)
        return dataclasses.replace(config, newsroom=off)
    host, _, port = place.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004
        raise DatelineError(f"{place} is no HOST:PORT, like 127.0.0.1:8001, and not off.")
    if not own.token and not is_own_machine(host):
        raise DatelineError(
            f"Whoever reaches {place} would read what is not published yet. Write a token under "
            "[newsroom] in config.toml, or type: --newsroom 127.0.0.1:8001"
        )
    own = own if own.token else dataclasses.replace(own, without_token=True, url="")
    own = dataclasses.replace(own, host=host, port=int(port))
    return dataclasses.replace(config, newsroom=own)


@contextmanager
def serving(config: Config, clock: Clock, say: Say = unsaid) -> Iterator[Newsroom]:
    """Serve a newsroom, where the configuration asks for one; publishing goes on without it."""
    newsroom = Newsroom(config, clock, say)
    if not config.newsroom.is_on:
        yield newsroom
        return
    place = (config.newsroom.host, config.newsroom.port)
    try:
        family = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server(place, family=family)
    except OSError as error:
        _log.warning(
            "The newsroom cannot be had at %s:%d (%s): name another port under [newsroom].",
            *place,
            str(error.strerror).partition(" (")[0],
        )
        yield newsroom
        return
    with closing(listening):
        # With a socket of ours werkzeug does not end the whole process where a port is taken.
        server = BoundedServer(*place, create_app(newsroom), fd=listening.fileno())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield newsroom
        finally:
            server.shutdown()
            server.server_close()
