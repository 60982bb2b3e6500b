"""Servers in front as the documentation configures them, at ports of this machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from outside.programs import BROUGHT, output
from support.paths import ROOT

STAFF = "staff.example.org"
WEAK = "public.example.org"  # of which single sign-on demands less
_VARNISH = BROUGHT / "varnish"
_MODULES = BROUGHT / "varnish-modules/usr/lib"


def _blocks(page: str, start: str = "# ") -> list[str]:
    """Return the blocks of configuration of a page, from where it says `start`."""
    text = (ROOT / "docs" / page).read_text("utf-8").partition(start)[2]
    found: list[str] = re.findall(r"```(?:nginx|text)\n(.*?)```", text, re.DOTALL)
    return found


# ---- Varnish: docs/cdn.md


def vcl(behind: int) -> str:
    """Return the configuration of Varnish, in front of a port."""
    (found,) = (one for one in _blocks("cdn.md") if one.startswith("vcl "))
    return found.replace('"8000"', f'"{behind}"')


def varnish_command(work: Path, settings: Path, port: int, *more: str) -> list[str]:
    """Return the command that runs Varnish at a port, with its files in the folder `work`."""
    paths = [*_MODULES.glob("*/varnish/vmods"), *(_VARNISH / "usr/lib").glob("*/varnish/vmods")]
    return [
        str(_VARNISH / "usr/sbin/varnishd"), "-F", "-j", "none", "-n", str(work),
        "-a", f"127.0.0.1:{port}", "-f", str(settings), "-s", "malloc,32m",
        "-p", f"vmod_path={':'.join(map(str, paths))}", "-p", "thread_pool_min=10", *more,
    ]  # fmt: skip


@contextmanager
def varnish(folder: Path, *, port: int, behind: int) -> Iterator[None]:
    """Run Varnish with the configuration of the documentation."""
    settings = folder / "default.vcl"
    settings.write_text(vcl(behind), encoding="utf-8")
    assert output(["true"]) == ""  # a test fails here if a program is missing
    command = varnish_command(folder / "work", settings, port, "-T", "none")
    with (
        (folder / "varnish.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


# ---- Single sign-on: docs/newsroom.md


class Identity(BaseHTTPRequestHandler):
    """Answers as oauth2-proxy and Authelia do: the cookie of a visitor is the name.

    Either is told for which site it is asked, and may be content with less for another: it takes
    another cookie, `weak`, for the machine `WEAK`.
    """

    def do_GET(self) -> None:
        """Answer 200 with the name, or 401 with where to sign in."""
        own = self.headers["X-Forwarded-Host"] or self.headers["Host"] or ""
        url = f"http://{own}/" if "oauth2" in self.path else self.headers["X-Original-URL"] or ""
        wanted = "weak" if url.startswith(f"http://{WEAK}/") else "sso"
        cookie = re.search(rf"\b{wanted}=([^;]+)", self.headers["Cookie"] or "")
        self.send_response(200 if cookie else 401)
        if cookie:
            self.send_header("X-Auth-Request-Email", cookie[1])
            self.send_header("Remote-User", cookie[1])
        else:
            self.send_header("Location", "https://sso.example.org/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class IdentityServer(ThreadingHTTPServer):
    """A server of single sign-on, for very many clients at once."""

    request_queue_size = 1024
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Identity)


SIGN_ONS = dict(
    zip(("oauth2-proxy", "authelia"), _blocks("newsroom.md", "With [oauth2"), strict=False)
)


def sign_on(name: str, *, port: int, newsroom: int, identity: int) -> str:
    """Return the configuration of nginx with a server of single sign-on."""
    text = SIGN_ONS[name].replace("443 ssl", f"127.0.0.1:{port}")
    return re.sub(r":(4180|9091)", f":{identity}", text).replace(":8001", f":{newsroom}")


# ---- The newsroom of a cluster: docs/scale.md


def cluster(program: str, *, port: int, nodes: Sequence[int]) -> str:
    """Return the configuration of nginx or Caddy with these nodes."""
    by_nginx, by_caddy = _blocks("scale.md", "### The newsroom of a")[:2]
    text = by_nginx.replace("443 ssl", f"127.0.0.1:{port}") if program == "nginx" else by_caddy
    if program == "caddy":
        text = "\n{\n}\n" + text.replace(f"{STAFF} {{\n    rev", f"http://:{port} {{\n    rev")
    for number, own in enumerate(nodes, start=1):
        text = text.replace(f"web{number}.example.org:8001", f"127.0.0.1:{own}")
    return text
