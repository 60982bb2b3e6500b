"""Subscribers of a cluster's hub, and its public address, at which its nodes take turns."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from cluster.network import SERVICES
from cluster.nodes import SITE, Node
from cluster.running import Cluster
from outside.fronting import nginx
from support.callbacks import Received, Subscriber, form, subscriber
from support.serving import PATIENCE

_FRONT = """
upstream nodes {{
    zone nodes 64k;
    {servers}
}}
server {{
    listen {port};
    location / {{
        proxy_pass http://nodes;
        proxy_connect_timeout 1s;
        proxy_read_timeout 2s;
        proxy_next_upstream error timeout http_503;
        proxy_set_header Host $http_host;
    }}
}}
"""


@dataclass(slots=True, kw_only=True)
class Subscribers:
    """Callbacks on one machine, each with a secret of its own."""

    it: Cluster
    own: Subscriber
    names: list[str] = field(default_factory=list)

    def subscribe(self, name: str, url: str) -> httpx.Response:
        """Ask the hub at an address to subscribe a callback."""
        fields = form(f"{SITE}news.rss", self.own.url(name), secret=name)

        def post() -> httpx.Response:
            return httpx.post(f"{url}hub", data=fields, timeout=PATIENCE)

        answer = self.it.network.services.inside(post)
        if answer.status_code == httpx.codes.ACCEPTED:
            self.names.append(name)
        return answer

    def lack(self, titles: Sequence[str]) -> list[str]:
        """Return the callbacks to which one of these titles was not delivered."""
        return [
            name
            for name in self.names
            for title in titles
            if not any(f"<title>{title}</title>".encode() in one.data for one in self._of(name))
        ]

    def wrongly_signed(self) -> list[str]:
        """Return the callbacks that got a delivery without the signature of their secret."""
        return [
            name
            for name in self.names
            for one in self._of(name)
            if one.headers.get("x-hub-signature") != f"sha256={_digest(name, one.data)}"
        ]

    def _of(self, name: str) -> list[Received]:
        return self.own.deliveries(name)


def _digest(secret: str, data: bytes) -> str:
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


@contextmanager
def subscribing(it: Cluster) -> Iterator[Subscribers]:
    """Run a machine of subscribers."""
    with ExitStack() as stack:
        run = it.network.services.inside
        own = run(lambda: stack.enter_context(subscriber(address=SERVICES)))
        yield Subscribers(it=it, own=own)


@contextmanager
def proven(it: Cluster) -> Iterator[None]:
    """Run a proxy at the public address, and have the delivery there proven."""
    port = urlsplit(SITE).port or 80
    servers = "\n    ".join(f"server {urlsplit(one.url).netloc} max_fails=0;" for one in it.nodes)
    text = _FRONT.format(servers=servers, port=port)
    with ExitStack() as stack:
        run, folder = it.network.services.inside, it.entries.parent / "front"
        run(lambda: stack.enter_context(nginx(text, folder, port)))
        for one in it.nodes:
            _add(one, "\n[delivery]\nprivate = true\ninterval = 2\n", stack)
        yield


def _add(node: Node, table: str, over: ExitStack) -> None:
    """Add a table to the configuration of a node, until all is over."""
    path = node.folder / "config.toml"
    before = path.read_text("utf-8")
    over.callback(path.write_text, before, "utf-8")
    path.write_text(before + table, "utf-8")
