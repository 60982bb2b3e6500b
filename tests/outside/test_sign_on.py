"""Single sign-on to the newsroom, behind nginx as the documentation configures it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from dateline.newsroom import serving
from outside.documented import SIGN_ONS, STAFF, IdentityServer, sign_on
from outside.fronting import nginx
from support.publication import CONFIG, Newsroom
from support.receiving import answering
from support.serving import PATIENCE, free_port

pytestmark = pytest.mark.outside

DESK = "night-desk@example.org"
TABLES = f"""
[newsroom]
url = "https://{STAFF}"
trusted = ["127.0.0.1"]
header = "Remote-User"
port = %s
[[newsroom.person]]
name = "night-desk@example.org"
role = "editor"
[[newsroom.person]]
name = "reader@example.org"
role = "reader"
"""


@dataclass(frozen=True)
class Front:
    """A newsroom behind nginx."""

    port: int

    def get(self, **fields: str) -> httpx.Response:
        """Request the first page."""
        headers = {"Host": STAFF, **fields}
        address = f"http://127.0.0.1:{self.port}/"
        return httpx.get(address, headers=headers, timeout=PATIENCE)


@pytest.fixture(scope="module", params=SIGN_ONS)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """Yield a newsroom behind each of the servers of the documentation."""
    folder: Path = tmp_path_factory.mktemp("front")
    newsroom, port, own = Newsroom(folder), free_port(), free_port()
    (folder / "entries").mkdir(exist_ok=True)
    (folder / "config.toml").write_text(CONFIG + TABLES % own, encoding="utf-8")
    identity = IdentityServer()
    text = sign_on(request.param, port=port, newsroom=own, identity=identity.server_port)
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
