"""A publication whose `serve` is a hub, and what subscribers do there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from support.callbacks import Received, Subscriber, form
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, Served, free_port, serve, until


def prepare(room: Newsroom, port: int, more: str = "") -> None:
    """Switch the hub on, and publish a first entry."""
    text = CONFIG.replace("http://127.0.0.1:8000/", f"http://127.0.0.1:{port}/")
    hub = f'[hub]\nenabled = true\nallow = ["127.0.0.0/8"]\n{more}\n[serve]\nport = {port}\n'
    (room.folder / "config.toml").write_text(text.replace("[[feed]]", f"{hub}[[feed]]", 1), "utf-8")
    room.drop("first.toml", entry_file("First"))


@contextmanager
def served_hub(room: Newsroom, more: str = "") -> Iterator[Served]:
    """Run `serve` with a hub, until the feed is there and the hub answers."""
    port = free_port()
    prepare(room, port, more)
    with serve(room.folder, port=port) as served:
        assert until(lambda: served.answers() and served.get("news.rss").status_code == 200)
        yield served


def ask(
    served: Served, own: Subscriber, path: str = "a", mode: str = "subscribe", **more: str
) -> int:
    """Send the hub a request about the feed, and return the status."""
    fields = form(f"{served.url}news.rss", own.url(path), mode, **more)
    return httpx.post(f"{served.url}hub", data=fields, timeout=PATIENCE).status_code


def subscribe(served: Served, own: Subscriber, path: str = "a", **more: str) -> None:
    """Subscribe; while the publisher starts, the hub is not there yet."""
    known = len(own.questions(path=path))
    assert until(lambda: ask(served, own, path, **more) == 202)
    assert until(lambda: len(own.questions(path=path)) > known)


def has(one: Received, title: str) -> bool:
    """Return whether a delivery has an entry."""
    return title.encode() in one.data


def gets(room: Newsroom, own: Subscriber, title: str, path: str = "a") -> Received:
    """Publish an entry, and return the delivery that has it."""
    room.drop(f"{title}.toml", entry_file(title))
    assert until(lambda: any(has(one, title) for one in own.deliveries(path))), own.received
    return next(one for one in own.deliveries(path) if has(one, title))
