"""Debian's nginx or Caddy in front of a server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from outside.programs import BROUGHT, output
from support.serving import PATIENCE, PUBLISHER, Served, exchange, free_port, until

PROGRAMS = {"nginx": BROUGHT / "nginx/usr/sbin/nginx", "caddy": BROUGHT / "caddy/usr/bin/caddy"}
# Settings around the printed ones: Debian's own in nginx.conf, and paths that need no privileges.
_NGINX = """\
{user}daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    gzip on;
    include {printed};
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
}}
"""
_CADDY = "\tadmin off\n\tauto_https disable_redirects\n"


def printed(program: str, config: Path, *words: str) -> str:
    """Return the output of `publisher.py front`."""
    command = [sys.executable, str(PUBLISHER), "front", program, "--config", str(config), *words]
    return output(command)


def validated(program: str, text: str, folder: Path) -> list[str | Path]:
    """Let the program check the printed configuration; return the command that runs it."""
    folder.mkdir(exist_ok=True)
    file = folder / "printed.conf"
    file.write_text(text, encoding="utf-8")
    whole = folder / "whole.conf"
    if program == "nginx":
        # Started by root, its workers would run as nobody, who cannot read the folders of tests.
        user = "user root;\n" if os.geteuid() == 0 else ""
        whole.write_text(_NGINX.format(user=user, folder=folder, printed=file), encoding="utf-8")
        command: list[str | Path] = [PROGRAMS[program], "-p", folder]
        command += ["-e", "stderr", "-c", whole]
        output([*command, "-t"], folder=folder)
        return command
    whole.write_text(text.replace("\n{\n", f"\n{{\n{_CADDY}", 1), encoding="utf-8")
    words: list[str | Path] = ["--adapter", "caddyfile", "--config", whole]
    output([PROGRAMS[program], "validate", *words], folder=folder, environment=_home(folder))
    return [PROGRAMS[program], "run", *words]


@contextmanager
def proxy(program: str, config: Path, log: Path) -> Iterator[Served]:
    """Run a proxy for the publication of `config`, on a port of its own."""
    folder, port = config.parent / program, free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--log", str(log)]
    command = validated(program, printed(program, config, *words), folder)
    with _running(command, folder, _home(folder), port) as served:
        yield served


@contextmanager
def nginx(text: str, folder: Path, port: int) -> Iterator[Served]:
    """Run nginx with these servers, one of which listens at a port."""
    with configured("nginx", text, folder, port) as served:
        yield served


@contextmanager
def configured(program: str, text: str, folder: Path, port: int) -> Iterator[Served]:
    """Run a proxy with these servers, one of which listens at a port."""
    text = f"access_log off;\n{text}" if program == "nginx" else text
    command = validated(program, text, folder)
    with _running(command, folder, _home(folder), port) as served:
        yield served


@contextmanager
def _running(
    command: Sequence[str | Path], folder: Path, variables: Mapping[str, str], port: int
) -> Iterator[Served]:
    said = folder / "output.txt"
    with said.open("wb") as file:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=file, stderr=file)
    served = Served(process=process, port=port, output=said)
    try:
        assert until(served.answers), served.printed()
        yield served
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:  # it waits for connections of its own
            process.kill()
            process.wait()


def _home(folder: Path) -> dict[str, str]:
    """Set the home folder of this user, into which Caddy writes."""
    return {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}


def raw(served: Served, target: str, *lines: str, method: str = "GET") -> tuple[int, str]:
    """Send a request as it is; return the status and header fields of the response."""
    head = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close", *lines]
    answer = exchange(served.port, "\r\n".join([*head, "", ""]).encode("latin-1"))
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower()
