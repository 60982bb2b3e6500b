"""The newsroom's pages as staff use them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from time import time

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dateline import publish
from dateline.model import Report
from dateline.newsroom import Newsroom as Room
from dateline.newsroom import create_app
from support.publication import CONFIG, Newsroom
from support.serving import until

WORD = "vT3_q8Zr-Lm51xKcD"
AT = "http://127.0.0.1:8001/"


def configure(newsroom: Newsroom, *tables: str, own: str = f'token = "{WORD}"') -> None:
    """Give the publication a newsroom, and these other tables."""
    text = "\n".join([CONFIG, f"[newsroom]\n{own}", *tables])
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")


@dataclass
class Staff:
    """A member of staff with a browser of her own."""

    newsroom: Newsroom
    said: list[Report] = field(default_factory=list)
    room: Room = field(init=False)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.room = Room(
            self.newsroom.config,
            lambda: self.newsroom.now,
            lambda report, _: self.said.append(report),
        )
        self.client = create_app(self.room).test_client()

    @classmethod
    def of(cls, newsroom: Newsroom, *tables: str) -> Staff:
        """Return a logged-in member of staff of a publication with these other tables."""
        configure(newsroom, *tables)
        staff = cls(newsroom)
        staff.come_in()
        return staff

    def come_in(self) -> TestResponse:
        """Log in with the token."""
        return self.client.get(f"/?token={WORD}", base_url=AT)

    def build(self, **values: timedelta) -> Report:
        """Run the publisher, and notify the newsroom."""
        report = self.newsroom.build(**values)
        self.room.show(report, self.newsroom.now, self.newsroom.config)
        return report

    def run_now(self) -> None:
        """Run the publisher at the machine's own time, when all files have settled."""
        files = [*(self.newsroom.folder / "entries").rglob("*")]
        still = max((file.lstat().st_ctime for file in files), default=0.0) + 0.35
        assert until(lambda: time() > still)
        self.newsroom.now = datetime.now(UTC)
        config = self.newsroom.config
        report = publish.build(
            config, publish.RunRequest(now=self.newsroom.now, clock=self.newsroom.now)
        )
        self.room.show(report, self.newsroom.now, self.newsroom.config)
        self.come_in()  # a session of the time of the tests has ended

    def get(self, address: str, **fields: str) -> TestResponse:
        """Request a page."""
        return self.client.get(address, base_url=AT, headers=fields)

    def text(self, address: str) -> str:
        """Return the text of a page."""
        answer = self.get(address)
        assert answer.status_code == 200, answer.text
        return seen(answer.text)

    def post(self, address: str, **values: str) -> TestResponse:
        """Send the form of the first page, with these values."""
        found = re.search(r'name="word" value="([^"]+)"', self.get("/").text)
        word = values.pop("word", found[1] if found else self.room.access.form_word())
        return self.client.post(address, base_url=AT, data={"word": word, **values})


def seen(page: str) -> str:
    """Return the text of a page's main part."""
    main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def inputs(page: str) -> dict[str, list[str]]:
    """Return the values of a form, as a browser would send them."""
    found: dict[str, list[str]] = {}
    form = page.partition('<form id="entry"')[2].partition("</form>")[0]
    for tag in re.findall(r"<input [^>]+>", form):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        text = unescape(value[1]) if value else ""
        if ' type="text"' in tag:  # HTML, value sanitization algorithm
            text = text.replace("\r", "").replace("\n", "")
        found.setdefault(name[1] if name else "", []).append(text)
    for name, text in re.findall(
        r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL
    ):
        found.setdefault(name, []).append(unescape(text))
    return found
