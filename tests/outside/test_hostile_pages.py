"""Published attacks by markup do nothing in Chromium: `data/attacks/markup.toml`.

Each is the text of an entry, on its page and in the newsroom's preview, and both are opened twice:
as they are, and in a browser without regard to the policies of pages, so that the text is harmless
by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dateline.text.characters import sifted
from outside.browsing import WATCH, Browser, chromium, is_own
from support.attacks import attacks, whole
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import free_port, is_there, serve, until
from support.staff import WORD

pytestmark = pytest.mark.outside

ALL = attacks("markup")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a site and of its newsroom, with an entry for each attack."""
    folder, port, own = tmp_path_factory.mktemp("hostile"), free_port(), free_port()
    (folder / "entries").mkdir()
    table = f'[newsroom]\ntoken = "{WORD}"\nport = {own}\n[serve]\nport = {port}\n'
    text = CONFIG.replace("http://127.0.0.1:8000/", f"http://127.0.0.1:{port}/") + table
    (folder / "config.toml").write_text(text, encoding="utf-8")
    room = Newsroom(folder)
    for number, attack in enumerate(ALL):
        body = json.dumps(f"Words {sifted(whole(attack['html']))}", ensure_ascii=False)
        # Without an id, comments that never end would be held.
        id_ = f'"urn:attack:{number}"'
        room.drop(f"{number}.toml", entry_file(f"Attack {number}", id=id_, body=body))
    with serve(folder, port=port) as served:
        last = f"2026/11/attack-{len(ALL) - 1}.html"
        assert until(lambda: is_there(f"{served.url}{last}"), 120)
        staff = f"http://127.0.0.1:{own}/"
        assert until(lambda: is_there(f"{staff}?token={WORD}"), 60)
        yield served.url, staff


@pytest.mark.parametrize(
    ("where", "has_policy"),
    [
        ("page", False),
        ("preview", True),
        pytest.param("page", True, marks=pytest.mark.release),
        pytest.param("preview", False, marks=pytest.mark.release),
        pytest.param("preview in a reader", True, marks=pytest.mark.release),
        pytest.param("preview in a reader", False, marks=pytest.mark.release),
    ],
)
def test_no_attack_runs_in_a_browser(
    browser: Browser, places: tuple[str, str], where: str, *, has_policy: bool
) -> None:
    """No script of a text runs, no dialog opens, nothing is asked of another host."""
    site, staff = places
    browser.do("open", 1280, "light", *(True, not has_policy))
    browser.do("before", WATCH)
    if where != "page":
        browser.do("go", f"{staff}?token={WORD}")
        browser.do("arrive", staff)
    hurt = []
    for number, attack in enumerate(ALL):
        address = f"{site}2026/11/attack-{number}.html"
        if where != "page":
            reader = "&as=reader" if "reader" in where else ""
            address = f"{staff}preview?file={number}.toml{reader}"
        browser.do("forget")
        status = browser.do("go", address, "load")
        assert status == 200 or (where == "page" and attack.get("held")), attack["name"]
        foreign = [one for one, _ in browser.do("said")["asked"] if not is_own(one)]
        if browser.do("anywhere", "hit") or foreign or browser.do("address") != address:
            hurt.append((attack["name"], *foreign))

    assert hurt == []


def test_the_watch_sees_what_runs(browser: Browser, places: tuple[str, str]) -> None:
    """Else the tests above could not fail."""
    browser.do("open", 1280, "light", *(True, True))
    browser.do("before", f"{WATCH} window.addEventListener('load', () => window.attacked());")

    browser.do("go", places[0], "load")

    assert browser.do("anywhere", "hit")
