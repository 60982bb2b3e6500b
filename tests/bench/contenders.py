"""Other ways to serve a feed: bare WSGI, Flask, WhiteNoise, nginx and Caddy."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dateline import config as configuration
from dateline.config import Config
from dateline.serve import processes
from dateline.serve.app import create_app

ROOT = Path(__file__).parent.parent.parent
PEERS = ROOT / ".cache" / "bench"
BARE_NAME = "bare WSGI, granian"
BARE = """\
from pathlib import Path
DATA = Path({feed!r} + ".gz").read_bytes()
TAG = '"1"'
FIELDS = {fields} or [
          ("ETag", TAG), ("Cache-Control", "public, max-age=300"), ("Vary", "Accept-Encoding"),
          ("Last-Modified", "Wed, 25 Nov 2026 10:00:00 GMT"), ("X-Content-Type-Options", "nosniff"),
          ("Access-Control-Allow-Origin", "*"), ("Link", '<http://127.0.0.1/news.rss>; rel="self"'),
          ("Access-Control-Expose-Headers", "ETag, Link")]
WHOLE = [*FIELDS, ("Content-Type", "application/rss+xml; charset=utf-8"),
         ("Content-Encoding", "gzip"), ("Content-Length", str(len(DATA)))]

def app(environ, start_response):
    if environ.get("HTTP_IF_NONE_MATCH") == TAG:
        start_response("304 Not Modified", list(FIELDS))
        return [b""]
    start_response("200 OK", list(WHOLE))
    return [DATA]
"""
FLASK = """\
from flask import Flask, send_from_directory
app = Flask(__name__)

@app.get("/<path:name>")
def get(name):
    return send_from_directory({feeds!r}, name, mimetype="application/rss+xml", max_age=300)
"""
VIEW = """\
from pathlib import Path
from flask import Flask, request, Response
app = Flask(__name__)
DATA = Path({feed!r} + ".gz").read_bytes()

@app.get("/<path:name>")
def get(name):
    answer = Response(DATA, mimetype="application/rss+xml")
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.set_etag("1")
    return answer.make_conditional(request)
"""
WHITE = """\
from whitenoise import WhiteNoise
app = WhiteNoise(lambda e, s: s("404 Not Found", []) or [b""], root={feeds!r}, autorefresh=False)
"""
NGINX = """\
daemon off; worker_processes 1; error_log stderr; pid {folder}/nginx.pid;
events {{ worker_connections 2048; }}
http {{
  access_log off; etag on; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  {server}
}}
"""
PLAIN = """\
gzip_static on; types {{ application/rss+xml rss; }}
server {{ listen 127.0.0.1:{port}; root {feeds}; {fields} }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A way to serve the feed: a command, in a folder, with variables."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    changing: Path | None = None
    """Its publication, where new entries are dropped while it is asked."""


def contenders(folder: Path, feeds: Path, port: int) -> Iterator[Contender]:
    """Yield every contender that can be started here."""
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    granian += ["--blocking-threads", "1", "--no-ws", "--log-level", "error"]
    paths = {"PYTHONPATH": f"{ROOT}:{folder}:{PEERS}"}
    own = configuration.load(folder / "config.toml")
    for name, text in (
        ("bare", BARE),
        ("bare_same", BARE),
        ("flask_send", FLASK),
        ("flask_view", VIEW),
        ("white", WHITE),
    ):
        fields = _fields(own) if name == "bare_same" else []
        filled = text.format(feed=str(feeds / "news.rss"), feeds=str(feeds), fields=fields)
        (folder / f"{name}.py").write_text(filled, encoding="utf-8")
    yield Contender(
        name="dateline",
        command=processes.granian_command(dataclasses.replace(own, port=port)),
        variables={**processes.environment(), "DATELINE_CONFIG": str(own.path)},
    )
    yield Contender(
        name="dateline, publishing",
        command=_serve(folder / "changing", port),
        changing=folder / "changing",
    )
    yield Contender(name=BARE_NAME, command=[*granian, "bare:app"], variables=paths)
    yield Contender(
        name="bare WSGI, same fields", command=[*granian, "bare_same:app"], variables=paths
    )
    yield Contender(
        name="Flask view, granian", command=[*granian, "flask_view:app"], variables=paths
    )
    if (PEERS / "gunicorn").exists():
        gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        gunicorn += ["--worker-class", "gthread", "--threads", "8", "--log-level", "error"]
        yield Contender(
            name="send_from_directory, gunicorn",
            command=[*gunicorn, "flask_send:app"],
            variables=paths,
        )
        yield Contender(
            name="whitenoise, gunicorn", command=[*gunicorn, "white:app"], variables=paths
        )
        yield Contender(
            name="whitenoise, granian", command=[*granian, "white:app"], variables=paths
        )
    yield from _nginx(folder, feeds, port)
    yield from _caddy(folder, feeds, port)


def _fields(own: Config) -> list[tuple[str, str]]:
    """Return the fields that Dateline sends with this feed, with the tag that `BARE` knows."""
    client = create_app(dataclasses.replace(own, log_days=0)).test_client()
    answer = client.get("/news.rss", headers={"Accept-Encoding": "gzip"})
    content = {"Content-Type", "Content-Length", "Content-Encoding"}
    sent = {name: value for name, value in answer.headers if name not in content}
    return list({**sent, "ETag": '"1"'}.items())


def _serve(folder: Path, port: int) -> list[str]:
    """Return the command for all of `serve`, publisher and web workers, for a publication."""
    config = folder / "config.toml"
    command = [sys.executable, str(ROOT / "publisher.py"), "serve", "--config", str(config)]
    return [*command, "--port", str(port)]


def _nginx(folder: Path, feeds: Path, port: int) -> Iterator[Contender]:
    """Yield nginx with a common configuration and our header fields, and that of `front nginx`."""
    if (nginx := _program("nginx")) is None:
        return
    printed = _printed("nginx", folder, port)
    ours = printed[printed.index("= /news.rss {") :].partition("}\n\n")[0]
    fields = " ".join(re.findall(r"add_header (?!Content-Encoding).*;", ours))
    servers = {
        "nginx, gzip_static": PLAIN.format(port=port, feeds=feeds, fields=""),
        "nginx, same fields": PLAIN.format(port=port, feeds=feeds, fields=fields),
        "nginx, by front": re.sub(r"access_log .*;", "", printed),
    }
    for name, server_text in servers.items():
        file = folder / f"{name}.conf"
        file.write_text(NGINX.format(folder=folder, server=server_text), encoding="utf-8")
        yield Contender(
            name=name, command=[nginx, "-p", str(folder), "-e", "stderr", "-c", str(file)]
        )


def _caddy(folder: Path, feeds: Path, port: int) -> Iterator[Contender]:
    """Yield Caddy with a common configuration."""
    if (caddy := _program("caddy")) is None:
        return
    file = folder / "Caddyfile"
    file.write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n root * {feeds}\n"
        " file_server {\n  precompressed gzip\n }\n}\n",
        encoding="utf-8",
    )
    home = {"HOME": str(folder), "GOMAXPROCS": "1"}
    command = [caddy, "run", "--adapter", "caddyfile", "--config", str(file)]
    yield Contender(name="Caddy", command=command, variables=home)


def _program(name: str) -> str | None:
    """Find a web server where Debian or the tests' own installation put it."""
    brought = ROOT / ".cache" / "outside" / name
    places = [os.environ.get("PATH", ""), "/usr/sbin", f"{brought}/usr/sbin", f"{brought}/usr/bin"]
    return shutil.which(name, path=os.pathsep.join(places))


def _printed(program: str, folder: Path, port: int) -> str:
    """Return the output of `publisher.py front`."""
    command = [sys.executable, str(ROOT / "publisher.py"), "front", program, "--host", "127.0.0.1"]
    command += ["--port", str(port), "--config", str(folder / "config.toml")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def install_peers() -> None:
    """Install gunicorn and whitenoise in a folder of their own."""
    if not (PEERS / "gunicorn").exists():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--target", str(PEERS), "gunicorn", "whitenoise"], check=False)
