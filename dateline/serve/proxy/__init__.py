"""The configuration of nginx or Caddy, to serve `feeds/` as Dateline does.

The proxy finds documents in `feeds/` by itself, and passes on to Dateline what it does not find:
what moved, what is gone, a browser that opens a feed. Its configuration changes with Dateline's
own, and not when news is published.
"""

from __future__ import annotations

from typing import Literal

from dateline.config import Config
from dateline.errors import DatelineError
from dateline.serve.proxy.caddy import caddy
from dateline.serve.proxy.nginx import nginx
from dateline.serve.proxy.site import ProxySite
from dateline.system.addresses import bare_host
from dateline.text.expressions import regex

Server = Literal["nginx", "caddy"]

_WRITERS = {"nginx": nginx, "caddy": caddy}
_HOST = regex(r"[\w-][\w.-]*|(?=.*:.*:)[0-9A-Fa-f:.]+")
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, never bound


def front(
    config: Config, server: Server, *, host: str = "", port: int | None = None, log: str = ""
) -> str:
    """Return the configuration of `server` for the publication of `config`.

    It listens where the publication's address leads, or in plain HTTP at `port` of `host`.
    `log` is the path of its access log. Raises `DatelineError` where Dateline listens there, for
    a host that is no name and no address, and for a path that nginx cannot have.
    """
    host = bare_host(host)
    if host and not _HOST.fullmatch(host):
        raise DatelineError(
            f"--host {host} is not a host name and not an address, like 127.0.0.1 or ::1. Without "
            f"--host, {server} listens at all addresses."
        )
    site = ProxySite.of(config, host=host, port=port, log=log or f"/var/log/{server}/dateline.log")
    for path in (str(site.feeds), site.log):
        if server == "nginx" and "$" in path:
            raise DatelineError(
                f"nginx takes the $ in {path} for the beginning of a variable: choose a path "
                "without $, or print the configuration of Caddy."
            )
    is_same = host == config.host or bool({host, config.host} & _EVERYWHERE)
    if is_same and site.port == config.port:
        raise DatelineError(
            f"{server} cannot listen at port {site.port}, where Dateline does: add --port, or "
            "give [serve] in config.toml another one."
        )
    return _WRITERS[server](site)
