"""Every configuration of a server in front, as `front` prints it or the documentation has it.

`FRONTS` lists them. Behind all of them are the same publication, which has metrics, another below a
path, and a newsroom with people, which trusts the name that the server in front says.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dateline.newsroom import serving
from dateline.serve.access_log import METRICS
from outside.documented import STAFF, IdentityServer, cluster, sign_on, varnish
from outside.fronting import configured, proxy
from support import probes
from support.attacks import whole
from support.hostile_newsroom import BEFORE, Target, attacked, people, publication
from support.receiving import answering
from support.serving import free_port, is_there, serve, until

OLD = "old.example.org"
PATH = "/press/news"
ELSEWHERE = "127.0.0.2"  # an address that no configuration trusts
_FIRST, _NEXT = 20.0, 0.5  # seconds until an answer begins, and until more of it comes
_SIGN_ON = '\ntrusted = ["127.0.0.1"]\nheader = "Remote-User"\nport = {port}\n'


@dataclass(frozen=True, kw_only=True)
class Front:
    """A server in front: its port, its own name, the path of the publication there.

    `cookie` is that of a reader who has signed in elsewhere. At `plain` it answers 200, or 301
    where it leads to another machine.
    """

    port: int
    host: str = "x"
    prefix: str = ""
    cookie: str = ""
    plain: str = "/news.rss"
    status: int = 200

    def filled(self, text: str) -> str:
        """Return a text of an attack with what it names in its place."""
        return whole(text.replace("{own}", self.host).replace("{prefix}", self.prefix))

    def request(
        self, target: str, *lines: str, method: str = "GET", host: str | None = None
    ) -> bytes:
        """Return a request as it is sent, with these lines behind those of any request."""
        named = self.host if host is None else host
        head = [f"{method} {target} HTTP/1.1", *([f"Host: {named}"] if named else [])]
        if not any(line.lower().startswith("connection:") for line in lines):
            head.append("Connection: close")
        return "\r\n".join([*head, *lines, "", ""]).encode("latin-1")

    def asked(self, target: str, *lines: str) -> bytes:
        """Send a request of somebody who has signed in elsewhere, where people do."""
        own = [f"Cookie: {self.cookie}"] if self.cookie else []
        return self.send(self.request(target, *own, *lines))

    def send(self, data: bytes, source: str = ELSEWHERE) -> bytes:
        """Send bytes from another machine; return all that is answered."""
        heard = b""
        with (
            suppress(TimeoutError, ConnectionError),
            socket.create_connection(("127.0.0.1", self.port), _FIRST, (source, 0)) as connection,
        ):
            connection.sendall(data)
            while some := connection.recv(65536):
                heard += some
                connection.settimeout(_NEXT)  # it may be kept open
        return heard

    def answers(self) -> bool:
        """Return whether it answers as it should."""
        return status_of(self.asked(f"{self.prefix}{self.plain}")) == self.status


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What is behind all fronts: folders, ports, and the newsroom."""

    root: Path
    below: Path
    port: int
    newsroom: int
    target: Target

    @property
    def folders(self) -> dict[str, Path]:
        """The folders of both publications, by the paths at which they are."""
        return {"": self.root, PATH: self.below}


def status_of(answer: bytes) -> int:
    """Return the status of an answer; 0 if there is none."""
    words = answer.split(None, 2)
    return int(words[1]) if answer.startswith(b"HTTP/") and len(words) > 1 else 0


@contextmanager
def behind(new_folder: Callable[[str], Path]) -> Iterator[Behind]:
    """Run both publications and the newsroom."""
    own = free_port()
    staff = f'url = "https://{STAFF}"{_SIGN_ON.format(port=own)}'
    newsroom = publication(new_folder("newsroom"), staff)
    with ExitStack() as stack:
        room = stack.enter_context(serving(newsroom.config, lambda: newsroom.now))
        target = attacked(newsroom, room, new_folder("other"), staff)
        root, below = new_folder("root"), new_folder("below")
        moved = f'[moved]\n"http://{OLD}/" = "https://news.example.org/"'
        ports = [
            _published(stack, root, "", f"[newsroom]\n{staff}{people(BEFORE)}", moved),
            _published(stack, below, PATH),
        ]
        yield Behind(root=root, below=below, port=ports[0], newsroom=own, target=target)


def _published(
    stack: ExitStack, folder: Path, path: str, tables: str = "", moved: str = "[moved]"
) -> int:
    """Serve a publication with metrics below a path; return its port."""
    port = free_port()
    room = probes.publish(folder)
    file = folder / "config.toml"
    text = file.read_text("utf-8").replace("8000/", f"8000{path}/").replace("[moved]", moved)
    text = f"{text}\n{tables}[serve]\nport = {port}\nmetrics = true\n"
    file.write_text(text, "utf-8")
    room.build()
    figures = room.config.log / METRICS  # `serve` writes them only after a minute
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text("dateline_requests 1\n", "utf-8")
    served = stack.enter_context(serve(folder, "--newsroom", "off", port=port))
    assert until(lambda: is_there(f"{served.url}news.rss"))
    return port


# ---- Fronts


@dataclass(frozen=True, kw_only=True)
class Fronts:
    """Servers in front, which are started when they are needed, and run until the `stack` ends."""

    behind: Behind
    stack: ExitStack
    started: dict[tuple[str, str], int] = field(default_factory=dict)
    opened: dict[str, Front] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Front:
        """Return one of `FRONTS`."""
        if name not in self.opened:
            front = self.opened[name] = FRONTS[name](self)
            assert until(front.answers), name
        return self.opened[name]

    def printed(self, program: str, host: str = "x", path: str = "") -> Front:
        """Return a front as `front` prints it, under one of its names."""
        folder = self.behind.folders[path]
        if (program, path) not in self.started:
            log = folder / f"{program}.log"
            served = self.stack.enter_context(proxy(program, folder / "config.toml", log))
            self.started[program, path] = served.port
        port = self.started[program, path]
        if host == STAFF:
            return Front(port=port, host=host, plain="/sign-in")
        return Front(port=port, host=host, prefix=path, status=301 if host == OLD else 200)

    def varnish(self) -> Front:
        """Return Varnish."""
        port, folder = free_port(), self.behind.root / "varnish"
        folder.mkdir()
        self.stack.enter_context(varnish(folder, port=port, behind=self.behind.port))
        return Front(port=port)

    def signed_on(self, name: str) -> Front:
        """Return nginx with a server of single sign-on."""
        port, identity = free_port(), IdentityServer()
        self.stack.enter_context(answering(identity))
        own = self.behind.newsroom
        text = sign_on(name, port=port, newsroom=own, identity=identity.server_port)
        self.stack.enter_context(configured("nginx", text, self.behind.root / name, port))
        return Front(port=port, host=STAFF, cookie="sso=Reader", plain="/")

    def of_cluster(self, program: str) -> Front:
        """Return a front of the nodes of a cluster, of which one has the newsroom."""
        port, folder = free_port(), self.behind.root / f"{program}-cluster"
        text = cluster(program, port=port, nodes=[self.behind.newsroom, free_port(), free_port()])
        self.stack.enter_context(configured(program, text, folder, port))
        return Front(port=port, host=STAFF, plain="/sign-in")


SITES: dict[str, Callable[[Fronts], Front]] = {
    "nginx": lambda all_: all_.printed("nginx"),
    "caddy": lambda all_: all_.printed("caddy"),
    "nginx below a path": lambda all_: all_.printed("nginx", path=PATH),
    "caddy below a path": lambda all_: all_.printed("caddy", path=PATH),
    "nginx, a former host": lambda all_: all_.printed("nginx", OLD),
    "caddy, a former host": lambda all_: all_.printed("caddy", OLD),
    "varnish": Fronts.varnish,
}
NEWSROOMS: dict[str, Callable[[Fronts], Front]] = {
    "nginx, the newsroom": lambda all_: all_.printed("nginx", STAFF),
    "caddy, the newsroom": lambda all_: all_.printed("caddy", STAFF),
    "oauth2-proxy": lambda all_: all_.signed_on("oauth2-proxy"),
    "authelia": lambda all_: all_.signed_on("authelia"),
    "nginx, a cluster": lambda all_: all_.of_cluster("nginx"),
    "caddy, a cluster": lambda all_: all_.of_cluster("caddy"),
}
FRONTS = SITES | NEWSROOMS
