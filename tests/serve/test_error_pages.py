"""Errors are in the language of their reader, and a 410 has no more than the day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dateline import publish
from dateline.serve.app import create_app
from support.publication import CONFIG, Newsroom, entry_file

FRENCH = '\n[[feed]]\nname = "nouvelles"\ntitle = "Tout"\nlanguage = "fr"\n'
GONE = '\n[gone]\naddresses = ["old.html", "old.rss"]\n'
WORDS = "Quaywords"


@pytest.fixture
def client(newsroom: Newsroom) -> FlaskClient:
    """Return a client of a newsroom in English, French and Arabic."""
    (newsroom.folder / "config.toml").write_text(CONFIG + FRENCH + GONE, encoding="utf-8")
    newsroom.drop("stays.toml", entry_file("Stays"))
    newsroom.drop("gone.toml", entry_file(WORDS))
    newsroom.build()
    return create_app(newsroom.config).test_client()


def get(client: FlaskClient, path: str, language: str = "") -> TestResponse:
    """Ask for an address in a language."""
    return client.get(path, headers={"Accept-Language": language} if language else {})


def withdraw(room: Newsroom) -> None:
    """Withdraw an entry on 26 November 2026."""
    (room.folder / "entries/gone.toml").unlink()
    room.build()
    room.build(after=timedelta(hours=23))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr", "fr"),
        ("fr-CA,fr;q=0.8,en;q=0.5", "fr"),
        ("de, AR-EG;q=0.9, fr;q=0.1", "ar"),
        ("fr;q=0, en", "en"),
        ("fr;q=0.2, ar;q=0.7", "ar"),
    ],
)
@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/old.html", 410)])
def test_an_error_is_in_the_first_wanted_language(
    accepted: str, language: str, path: str, status: int, client: FlaskClient
) -> None:
    """It has that language alone, and says so; caches know what it depends on."""
    answer = get(client, path, accepted)

    assert (answer.status_code, answer.headers["Content-Language"]) == (status, language)
    assert answer.headers["Vary"] == "Accept-Language"
    assert f'<html lang="{language}"' in answer.text
    assert answer.text.count("<section") == 1


@pytest.mark.parametrize("accepted", ["", "de", "*", "fr;q=0", "x" * 5000, "fr;q=\u00bd"])
def test_anybody_else_gets_every_language(accepted: str, client: FlaskClient) -> None:
    """The publication's own language is first."""
    answer = get(client, "/nothing", accepted.encode().decode("latin-1"))

    assert '<html lang="en"' in answer.text
    assert answer.text.count("<section") == 3
    assert "Content-Language" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Language"


def test_an_error_leads_to_the_front_page_of_its_language(client: FlaskClient) -> None:
    """The link holds at any depth."""
    answer = get(client, "/2026/11/nothing.html", "fr")

    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert re.findall('href="(.*?)"', main) == ["/nouvelles.html"]


@pytest.mark.parametrize("path", ["/old.rss", "/nothing.rss"])
def test_programs_that_ask_for_a_feed_get_the_same_as_before(
    path: str, client: FlaskClient
) -> None:
    """What a feed reader says about languages changes nothing."""
    assert get(client, path, "fr").data == get(client, path).data


@pytest.mark.long
@pytest.mark.parametrize(
    ("accepted", "day"),
    [("en", "26 November 2026"), ("fr", "26 novembre 2026"), ("ar", "26 نوفمبر 2026")],
)
def test_the_page_of_a_withdrawn_entry_has_the_day_and_no_word_of_it(
    accepted: str, day: str, client: FlaskClient, newsroom: Newsroom
) -> None:
    """The day is that of the site's zone, written as in the language of the page."""
    withdraw(newsroom)

    answer = get(client, "/2026/11/quaywords.html", accepted)

    assert answer.status_code == 410
    assert f'<time datetime="2026-11-26">{day}</time>' in answer.text
    assert WORDS not in answer.text
    assert "<!--" not in answer.text


@pytest.mark.long
def test_a_takedown_leaves_not_even_the_day(client: FlaskClient, newsroom: Newsroom) -> None:
    """Neither does a withdrawal before it, or an address that was given up."""
    (item,) = [item for item in newsroom.items() if item["title"] == WORDS]
    withdraw(newsroom)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    request = publish.RunRequest(now=newsroom.now, clock=clock, takedown=item["id"])
    publish.build(newsroom.config, request)

    answers = [get(client, path, "en") for path in ("/2026/11/quaywords.html", "/old.html")]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert "<time" not in "".join(answer.text for answer in answers)
    assert answers[0].data == answers[1].data


@pytest.mark.long
def test_a_head_is_a_get_without_its_content(client: FlaskClient, newsroom: Newsroom) -> None:
    """Its fields are those of the page in that language."""
    withdraw(newsroom)
    for path in ("/2026/11/quaywords.html", "/nothing"):
        head = client.head(path, headers={"Accept-Language": "fr"})
        whole = get(client, path, "fr")

        assert head.data == b""
        assert [*head.headers] == [*whole.headers]
        assert int(head.headers["Content-Length"]) == len(whole.data)


@pytest.mark.long
def test_a_language_that_is_given_up_leaves_no_error_page(
    client: FlaskClient, newsroom: Newsroom
) -> None:
    """Its readers get every language again."""
    text = CONFIG.partition('\n[[feed]]\nname = "news-ar"')[0] + '[moved]\nnews-ar = "news"\n'
    text += 'nouvelles = "news"\nlebanon = "news"\n'
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    newsroom.build()

    assert [path for path in newsroom.feeds() if re.match("4..-", path)] == []
    assert get(client, "/nothing", "fr").status_code == 404
