"""The published content of benchmarks: its amount, topics and length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.newsroom import PUBLICATION

TOPICS = 20
WINDOW = 50  # entries in each feed
FIRST, DAYS = date(1995, 1, 1), 10_950  # over which the news is spread
_WORDS = 160  # about a kilobyte


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One piece of news, the same for every tool; `name` is that of its file, without extension."""

    name: str
    title: str
    day: date
    topic: str
    body: str


def news(number: int, count: int, *, topics: int = TOPICS, words: int = _WORDS) -> News:
    """Return one of `count` pieces, the oldest first; later numbers are of the last day."""
    return News(
        name=f"report-{number:07}",
        title=f"Report {number}",
        day=FIRST + timedelta(days=min(number, count) * DAYS // count),
        topic=topic(number % topics),
        body=_body(number, words),
    )


def topic(number: int) -> str:
    """Return the name of a topic; Eleventy interprets a hyphen in it as minus."""
    return f"topic{number:03}"


def _body(number: int, words: int) -> str:
    """Return three paragraphs and a list, in Markdown."""
    made = [f"word{(number * 7919 + n * 104_729) % 4999}" for n in range(words)]
    third = max(1, words // 3)
    parts = [" ".join(made[start : start + third]) for start in range(0, words, third)]
    link = f"[the report](https://example.org/reports/{number})"
    return "\n\n".join([f"**Case {number}** is in {link}.", *parts, "- one\n- *two*\n- three"])


def entry(piece: News) -> str:
    """Return a piece as a Dateline entry file."""
    return (
        f'title = "{piece.title}"\ndate = {piece.day}\ncategories = ["{piece.topic}"]\n'
        f'body = """\n{piece.body}\n"""\n'
    )


def configuration(topics: int = TOPICS, tables: str = "", *, of_feeds: str = "") -> str:
    """Return the `config.toml` of a publication with a feed of all and one for each topic.

    `tables` are others than the feeds, `of_feeds` the lines that each feed has.
    """
    feeds = [_feed("news", ""), *(_feed(one, one) for one in map(topic, range(topics)))]
    return PUBLICATION + tables + "".join(f"{feed}{of_feeds}" for feed in feeds)


def _feed(name: str, category: str) -> str:
    select = f'categories = ["{category}"]\n' if category else ""
    fields = f'name = "{name}"\ntitle = "{name}"\ndescription = "{name}"\n'
    return f"\n[[feed]]\n{fields}entries = {WINDOW}\ndays = 0\n{select}"


def write(path: Path, text: str) -> None:
    """Write a file, and close it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
