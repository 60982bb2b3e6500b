"""A publication with a page of every kind, in one of three languages.

It is a harbour's, and nobody in it is a person. The texts of its entries are in `specimen/`: a
file for each language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from shutil import copytree

from PIL import Image

from support.publication import NOW, Newsroom
from support.serving import Served, free_port, granian, until

LANGUAGES = ("en", "fr", "ar")
OTHERS = {"en": "ar", "fr": "ar", "ar": "en"}  # the language of its other news
WORDLESS = "sw"  # a language for which Dateline has no catalogue
_PLAIN = 170
_BODIES = (1, 2, 4)  # paragraphs
_GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A publication that is served.

    `pages` has the path of one page of each kind; `feeds` the feeds' titles by name, the main
    feed first; `words` the texts of its entries.
    """

    language: str
    served: Served
    pages: Mapping[str, str]
    feeds: Mapping[str, str]
    words: Mapping[str, str]

    @property
    def other(self) -> str:
        """Return the language of its other news."""
        return OTHERS[self.language]

    @staticmethod
    def day(ago: int) -> date:
        """Return the day this many days before the last day of publication."""
        return NOW.date() - timedelta(days=ago)

    def address(self, kind: str) -> str:
        """Return the address of the page of a kind."""
        return self.served.url + self.pages[kind]


@dataclass
class Desk:
    """Writer and publisher of a publication's entries in one language."""

    room: Newsroom
    language: str
    feeds: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> Mapping[str, str]:
        """Return the words of the publication's language."""
        return words(self.language)

    def configure(self, url: str, topics: int = 0, theme: Path | None = None) -> None:
        """Write the configuration, with this many additional topics, and with a theme."""
        said = {
            "home": "https://www.example.org/", "email": "news@example.org", "url": url,
            "language": self.language, "tag": "example.org,2026", "time_zone": "Europe/Vienna",
            **{name: self.words[name] for name in ("title", "description", "author", "rights")},
        }  # fmt: skip
        text = f"[publication]\n{lines(said)}"
        for name, fields in self._feeds(topics).items():
            self.feeds[name] = str(fields["title"])
            text += f'[[feed]]\nname = "{name}"\n{lines(fields)}'
        text += "[search]\nenabled = true\n"
        if theme:
            text += (theme / "look.toml").read_text("utf-8")
            copytree(theme / "templates", self.room.folder / "templates")
        (self.room.folder / "config.toml").write_text(text, encoding="utf-8")

    def _feeds(self, topics: int) -> dict[str, dict[str, object]]:
        said = self.words
        found: dict[str, dict[str, object]] = {
            "news": called("news", said),
            "quays": {**called("quays", said), "categories": [said["quays"]]},
            "safety": {**called("safety", said), "categories": [said["safety"]]},
            "events": {**called("events", said), "kinds": ["event"]},
            "corrections": {
                **called("corrections", said),
                "kinds": ["correction"],
                "language": "*",
            },
        }
        for language in (OTHERS[self.language], WORDLESS):
            fields = called("news", words(language))
            found[f"news-{language}"] = {**fields, "language": language}
        for number in range(1, topics + 1):
            title = f"{said['quays_title']} {number}"
            fields = {**called("quays", said), "title": title}
            found[f"quay-{number}"] = {**fields, "categories": [title]}
        return found

    def drop(self, name: str, body: str, language: str = "", /, **fields: object) -> None:
        """Write an entry, of the day before yesterday unless `fields` have another."""
        language = language or self.language
        said: dict[str, object] = {"date": NOW.date() - timedelta(days=2)}
        said |= {"authors": [words(language)["author"]], "language": language, **fields}
        self.room.drop(f"{name}.toml", f"{lines(said)}body = '''\n{body}\n'''\n")

    def plain(self) -> None:
        """Write everyday news, a day apart, of various lengths."""
        said = self.words
        paragraphs = [said["paragraph_1"], said["paragraph_2"], said["paragraph_3"]]
        for number in range(_PLAIN):
            length = _BODIES[number % len(_BODIES)]
            self.drop(
                f"plain-{number:03}",
                "\n\n".join((2 * paragraphs)[:length]),
                title=f"{said['plain']} {_PLAIN - number}",
                date=NOW.date() - timedelta(days=3 + number),
                categories=[said["quays"]] if number % 2 else [said["safety"]],
            )

    def full(self) -> None:
        """Write an entry with every field, and the same in the other language."""
        self.room.drop("quay.jpg", drawn("JPEG"))
        self.room.drop("plan.pdf", drawn("PDF"))
        for language, file in ((self.language, "full"), (OTHERS[self.language], "full-other")):
            said = words(language)
            fields = {"translation_of": "full"} if file != "full" else {}
            self.drop(
                file,
                said["body"],
                language,
                title=said["full"],
                date=NOW.date() - timedelta(days=1),
                summary=said["summary"],
                link=said["link"],
                authors=[said["author"], said["office"]],
                categories=[said["quays"], said["safety"], said["category"]],
                image="quay.jpg",
                image_alt=said["alt"],
                image_credit=said["credit"],
                attachments=["plan.pdf"],
                event=f"{NOW.date() + timedelta(days=20)}",
                place=said["place"],
                **fields,
            )

    def events(self) -> None:
        """Write coming events: one on a day, one over some days, one in a month."""
        said, today = self.words, NOW.date()
        some = f"{today + timedelta(days=6)} - {today + timedelta(days=9)}"
        when = {"day": f"{today + timedelta(days=5)}", "days": some, "month": said["month"]}
        for name, event in when.items():
            self.drop(
                f"event-{name}",
                said["paragraph_1"],
                title=said[f"event_{name}"],
                event=event,
                place=said["place"],
                categories=[said["quays"]],
            )

    def wrong(self, *, is_mended: bool) -> None:
        """Write entries that are changed later: one is corrected, one retracted, one deleted."""
        said = self.words
        body = f"{said['paragraph_2']}\n\n{said['paragraph_1']}"
        changes = {
            "corrected": {"correction": said["correction"]},
            "retracted": {"status": "retracted", "retraction": said["retraction"]},
            "withdrawn": {},
        }
        for name, change in changes.items():
            fields = {"title": said[name], "categories": [said["safety"]]}
            self.drop(name, body, **fields, **(change if is_mended else {}))
        if is_mended:
            (self.room.folder / "entries/withdrawn.toml").unlink()

    def foreign(self) -> None:
        """Write news in a language without a catalogue."""
        said = words(WORDLESS)
        for number in range(3):
            body = f"{said['paragraph_1']}\n\n{said['paragraph_2']}"
            self.drop(f"foreign-{number}", body, WORDLESS, title=f"{said['plain']} {number}")

    def publish(self) -> dict[str, str]:
        """Publish all, and then the changes; return the path of a page of each kind."""
        self.plain()
        self.full()
        self.events()
        self.foreign()
        self.wrong(is_mended=False)
        self._build()
        gone = self.page(self.words["withdrawn"])
        self.wrong(is_mended=True)
        self._build()
        self._build(after=_GRACE)
        said = self.words
        return {
            "front": "",
            "topic": "quays.html",
            "events": "events.html",
            "corrections": "corrections.html",
            "other": f"news-{OTHERS[self.language]}.html",
            "wordless": f"news-{WORDLESS}.html",
            "archive-first": "archive/news/1.html",
            "archive-middle": "archive/news/2.html",
            "archive-last": f"archive/news/{self.archives()}.html",
            "month": "2026/11/",
            "month-other": f"2026/{OTHERS[self.language]}/11/",
            "year": "2026/",
            "terms": "topics/",
            "term": self.term("places"),
            "entry-plain": self.page(f"{said['plain']} {_PLAIN - 1}"),
            "entry-full": self.page(said["full"]),
            "entry-corrected": self.page(said["corrected"]),
            "entry-retracted": self.page(said["retracted"]),
            "entry-event": self.page(said["event_days"]),
            "entry-other": self.page(words(OTHERS[self.language])["full"]),
            "entry-wordless": self.page(f"{words(WORDLESS)['plain']} 1"),
            "subscribe": "subscribe.html#news",
            "subscribe-other": f"subscribe-{OTHERS[self.language]}.html",
            "subscribe-wordless": f"subscribe-{WORDLESS}.html",
            "404": "2026/11/nothing.html",
            "410": gone,
        }

    def _build(self, *, after: timedelta = timedelta(minutes=1)) -> None:
        report = self.room.build(after=after)
        codes = [problem.code for problem in report.problems if problem.code != "file-gone"]
        assert codes == [], report.problems

    def page(self, title: str) -> str:
        """Return the path of the page of the entry with this title."""
        root = self.room.folder / "feeds"
        pages = root.glob("20[0-9][0-9]/**/*.html")
        shown = re.compile(f"<title>([^<]*[:：] )?{re.escape(escape(title))} –")
        (found,) = [path for path in pages if shown.search(path.read_text("utf-8"))]
        return str(found.relative_to(root))

    def term(self, kind: str) -> str:
        """Return the path of a page of this kind: `topics`, `places` or `authors`."""
        root = self.room.folder / "feeds"
        found = [path for path in (root / kind).glob("*.html") if path.stem != "index"]
        return str(min(found).relative_to(root))

    def archives(self) -> int:
        """Return the number of archives of the main feed."""
        return len([*(self.room.folder / "feeds/archive/news").glob("*.html")])


@contextmanager
def specimen(
    folder: Path, language: str, *, topics: int = 0, theme: Path | None = None
) -> Iterator[Specimen]:
    """Publish in a language, with additional topics, and serve it by Dateline's own server.

    `theme` is a folder of `docs/themes`.
    """
    (folder / "entries").mkdir(parents=True)
    port = free_port()
    desk = Desk(Newsroom(folder), language)
    desk.configure(f"http://127.0.0.1:{port}/", topics, theme)
    pages = desk.publish()
    with granian(desk.room.config, port) as served:
        assert until(lambda: served.get().status_code == 200), served.printed()
        yield Specimen(
            language=language, served=served, pages=pages, feeds=desk.feeds, words=desk.words
        )


@cache
def words(language: str) -> Mapping[str, str]:
    """Return the texts of a language."""
    path = Path(__file__).parent / f"specimen/{language}.toml"
    found: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def called(name: str, said: Mapping[str, str]) -> dict[str, object]:
    """Return a feed's title and its description."""
    return {key: said[f"{name}_{key}"] for key in ("title", "description")}


def lines(fields: Mapping[str, object]) -> str:
    """Return fields as lines of TOML."""
    return "".join(f"{name} = {_value(value)}\n" for name, value in fields.items())


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def drawn(kind: str) -> bytes:
    """Return a picture of a quay, as a file of this kind."""
    buffer = BytesIO()
    picture = Image.new("RGB", (1200, 800), "lightsteelblue")
    picture.paste("steelblue", (0, 500, 1200, 800))
    picture.paste("slategrey", (120, 300, 620, 560))
    picture.save(buffer, kind)
    return buffer.getvalue()
