"""Single sign-on to the newsroom, behind nginx as the documentation configures it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from dateline.newsroom import serving
from outside.fronting import nginx
from support.paths import ROOT
from support.publication import CONFIG, Newsroom
from support.receiving import answering
from support.serving import PATIENCE, free_port

pytestmark = pytest.mark.outside

BLOCKS = re.findall(
    r"```nginx\n(.*?)```", (ROOT / "docs/newsroom.md").read_text("utf-8"), re.DOTALL
)
DESK = "night-desk@example.org"
TABLES = """
[newsroom]
url = "https://staff.example.org"
trusted = ["127.0.0.1"]
header = "Remote-User"
port = {port}
[[newsroom.person]]
name = "night-desk@example.org"
role = "editor"
[[newsroom.person]]
name = "reader@example.org"
role = "reader"
"""


class Identity(BaseHTTPRequestHandler):
    """Answers as oauth2-proxy and Authelia do: the cookie of a visitor is the name."""

    def do_GET(self) -> None:
        """Answer 200 with the name, or 401 with where to sign in."""
        name = self.headers.get("Cookie", "").partition("sso=")[2]
        self.send_response(200 if name else 401)
        if name:
            self.send_header("X-Auth-Request-Email", name)
            self.send_header("Remote-User", name)
        else:
            self.send_header("Location", "https://sso.example.org/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@dataclass(frozen=True)
class Front:
    """A newsroom behind nginx."""

    port: int

    def get(self, **fields: str) -> httpx.Response:
        """Request the first page."""
        headers = {"Host": "staff.example.org", **fields}
        address = f"http://127.0.0.1:{self.port}/"
        return httpx.get(address, headers=headers, timeout=PATIENCE)


@pytest.fixture(scope="module", params=BLOCKS, ids=["oauth2-proxy", "authelia"])
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """Yield a newsroom behind each of the servers of the documentation."""
    folder: Path = tmp_path_factory.mktemp("front")
    newsroom, port, own = Newsroom(folder), free_port(), free_port()
    (folder / "entries").mkdir(exist_ok=True)
    (folder / "config.toml").write_text(CONFIG + TABLES.format(port=own), encoding="utf-8")
    identity = ThreadingHTTPServer(("127.0.0.1", 0), Identity)
    text = request.param.replace("443 ssl", f"127.0.0.1:{port}")
    text = re.sub(r":(4180|9091)", f":{identity.server_port}", text).replace(":8001", f":{own}")
    with serving(newsroom.config, lambda: newsroom.now) as room, answering(identity):
        room.show(newsroom.build(), newsroom.now)
        with nginx(text, folder / "nginx", port):
            yield Front(port)


def test_who_has_signed_in_elsewhere_is_signed_in_here(front: Front) -> None:
    """By the name that the other server says, whatever the browser sends."""
    page = front.get(Cookie=f"sso={DESK}")
    forged = front.get(Cookie="sso=reader@example.org", **{"Remote-User": DESK})
    other = front.get(Cookie="sso=reader@example.org", Remote_User=DESK)

    assert f"<bdi>{DESK}</bdi>" in page.text
    for answer in (forged, other):
        assert "<bdi>reader@example.org</bdi>" in answer.text
        assert DESK not in answer.text.partition("</header>")[0]


def test_who_has_not_is_led_there(front: Front) -> None:
    """A header of the browser's own does not help."""
    answer = front.get(**{"Remote-User": DESK})

    assert answer.status_code == 302
    assert re.search(r"/oauth2/sign_in\?rd=|//sso\.example\.org/", answer.headers["Location"])


def test_who_is_not_one_of_the_people_is_refused(front: Front) -> None:
    """Although the other server knows the name."""
    answer = front.get(Cookie="sso=stranger@example.org")

    assert answer.status_code == 403
    assert "stranger@example.org" in answer.text
