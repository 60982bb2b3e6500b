"""Values of `config.toml`, and the messages about its faults."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from socket import gethostname
from zoneinfo import ZoneInfo

import pytest

from dateline import config
from dateline.config import Config, NewsroomSettings
from dateline.config.schema import TABLES
from dateline.config.watcher import ConfigWatcher
from dateline.errors import ConfigError
from dateline.model import Feed, HubSettings
from dateline.text import toml
from support.paths import ROOT
from support.publication import CONFIG

WORD = "vT3_q8Zr-Lm51xKcD"
SHIPPED = ROOT / "config.toml"
# Tables within tables, which have headings of their own.
NESTED = {"links", "translations", "look.allow", "person"}
PERSON = f"[[newsroom.person]]\nname = '{{}}'\nrole = 'editor'\ntoken = 'sha256:{'0' * 64}'\n"
COSTLY = "$argon2id$v=19$m=4194304,t=3,p=4$c29tZXNhbHQ$c29tZWhhc2hzb21laGFzaA"
MINIMAL = CONFIG[: CONFIG.index('\n[[feed]]\nname = "news-ar"')]


def load(folder: Path, text: str | bytes) -> Config:
    """Read a configuration with this text."""
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return config.load(path)


def faults(folder: Path, text: str | bytes) -> list[str]:
    """Return the messages about an invalid configuration with this text."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return list(caught.value.faults)


@pytest.mark.parametrize(
    "name", ["search", "hub", "drop", "topics", "authors", "places", "2026", "1999"]
)
def test_addresses_of_other_pages_are_no_names_of_feeds(name: str, tmp_path: Path) -> None:
    """One sentence says so, with a name to take and what to do for subscribers."""
    said = faults(tmp_path, MINIMAL.replace('name = "news"', f'name = "{name}"'))

    assert len(said) == 1
    assert f'feed[0].name: cannot be "{name}": that address is for something else.' in said[0]
    assert f'{name} = "{name}-news" under [moved].' in said[0]
    load(tmp_path, MINIMAL.replace('name = "news"', f'name = "{name}-news"'))


def test_the_name_of_a_feed_fits_into_names_of_files(tmp_path: Path) -> None:
    """A longer one is refused when the configuration is read, not by the system in each run."""
    longest = "n" * 200

    said = faults(tmp_path, MINIMAL.replace('name = "news"', f'name = "{longest}n"'))

    assert len(said) == 1
    assert said[0].endswith("feed[0].name: must have at most 200 characters.")
    assert load(tmp_path, MINIMAL.replace('"news"', f'"{longest}"')).feeds[0].name == longest


def test_settings_of_an_aggregator_need_a_feed_that_names_it(tmp_path: Path) -> None:
    """They would do nothing, and nobody would notice."""
    own = '[aggregators]\nfeedly_logo = "https://example.org/logo.svg"\n'
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, MINIMAL + own)
    read = load(tmp_path, f'{MINIMAL}\naggregators = ["feedly", "feedly"]\n{own}')

    assert 'feedly_logo is for feeds with a line like aggregators = ["feedly"]' in str(caught.value)
    assert read.feeds[0].aggregators == ("feedly",)
    assert read.publication.aggregators.feedly_logo == "https://example.org/logo.svg"


@pytest.mark.parametrize("text", ["", " ", "a\\u0007b"])
def test_a_text_for_an_aggregator_is_one_that_a_feed_can_carry(tmp_path: Path, text: str) -> None:
    """A control character would be no XML."""
    own = f'aggregators = ["smartnews"]\n[aggregators]\nsmartnews_analytics = "{text}"\n'
    with pytest.raises(ConfigError, match="smartnews_analytics: must be a text without control"):
        load(tmp_path, f"{MINIMAL}\n{own}")


def test_a_moved_feed_redirects_to_an_existing_document(tmp_path: Path) -> None:
    """The new feed may have fewer formats, no calendar, or its page as the front page."""
    text = CONFIG.replace('formats = ["atom"]', 'formats = ["atom"]\nkinds = ["news"]')
    read = load(tmp_path, f'{text}[moved]\nold = "news"\nbeirut = "lebanon"\n"a.rss" = "b.rss"\n')

    assert read.former == {
        "old.rss": "news.rss",
        "old.atom": "news.atom",
        "old.json": "news.json",
        "old.html": "index.html",
        "old.ics": "news.ics",
        "beirut.rss": "lebanon.atom",
        "beirut.atom": "lebanon.atom",
        "beirut.json": "lebanon.atom",
        "beirut.html": "lebanon.html",
        "beirut.ics": "lebanon.html",
        "a.rss": "b.rss",
    }


def test_a_moved_path_may_lead_to_a_feed_by_its_name(tmp_path: Path) -> None:
    """A feed has no document of that name alone: who typed it sent all subscribers to a 404."""
    moved = ("old.rss", "old.html", "old.ics", "old.xml", "feed/", "old.atom", "news.rss")
    lines = "\n".join(f'"{one}" = "news"' for one in moved)
    read = load(tmp_path, f'{CONFIG}[moved]\n{lines}\n"b.rss" = "lebanon"\n"c.rss" = "nowhere"\n')

    assert read.former == {
        "old.rss": "news.rss",
        "old.html": "index.html",
        "old.ics": "news.ics",
        "old.xml": "news.rss",
        "feed/": "news.rss",
        "old.atom": "news.atom",
        "news.rss": "news",
        "b.rss": "lebanon.atom",
        "c.rss": "nowhere",
    }


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        ("1", "mon"),
        ("0", "sun"),
        ("7", "sun"),
        ("1-5", "mon,tue,wed,thu,fri"),
        ("5-7", "fri,sat,sun"),
        ("1-5/2", "mon,wed,fri"),
        ("1,mon-wed,6", "mon,mon,tue,wed,sat"),
        ("*/2", "sun,tue,thu,sat"),
        ("01-05", "mon,tue,wed,thu,fri"),
        ("Mon-5", "mon,tue,wed,thu,fri"),
        ("sun-thu", "sun,mon,tue,wed,thu"),
        ("sat-sun", "sat,sun"),
        ("*", "*"),
    ],
)
def test_the_weekdays_of_a_cron_line_are_those_of_cron(
    tmp_path: Path, days: str, wanted: str
) -> None:
    """Sunday is 0 and 7; the scheduler counts from Monday (APScheduler 3)."""
    read = load(tmp_path, f"{MINIMAL}\n[schedule]\ncron = '0 6 * * {days}'\n")

    assert read.schedule.cron == f"0 6 * * {wanted}"


def test_missing_keys_have_defaults(tmp_path: Path) -> None:
    """A short configuration is enough."""
    read = load(tmp_path, MINIMAL)

    assert read.entries == tmp_path / "entries"
    assert read.feeds_folder == tmp_path / "feeds"
    assert read.state == tmp_path / "state"
    assert (read.host, read.port, read.workers) == ("127.0.0.1", 8000, 1)
    assert (read.schedule.interval, read.schedule.cron) == (60, None)
    assert read.publication.zone == ZoneInfo("Europe/Vienna")
    assert read.feeds == (
        Feed(name="news", title="All news", description="Everything", language="en"),
    )


def test_missing_texts_have_defaults_from_title_and_address(tmp_path: Path) -> None:
    """Six values are enough; a feed is described by its own title."""
    lines = [line for line in MINIMAL.splitlines() if not re.match("desc|home|auth", line)]
    text = "\n".join([*lines[:-1], '[[feed]]\nname = "topic"\ntitle = "A topic"'])

    read = load(tmp_path, text)

    assert read.publication.description == read.publication.author == "Example news"
    assert read.publication.home == "http://127.0.0.1:8000/"
    assert [(feed.title, feed.description) for feed in read.feeds] == [
        ("Example news", "Example news"),
        ("A topic", "A topic"),
    ]


def test_feeds_name_the_own_hub_first(tmp_path: Path) -> None:
    """Only the others are notified; without `enabled` there is no own hub."""
    others = '[publication]\nhubs = ["https://hub.example.net/"]\n'
    text = MINIMAL.replace("[publication]\n", others)
    url = "http://127.0.0.1:8000/hub"

    own = load(tmp_path, text.replace("[[feed]]", "[hub]\nenabled = true\n[[feed]]"))
    none = load(tmp_path, text.replace("[[feed]]", "[hub]\nseparate = true\n[[feed]]"))

    assert own.publication.hubs == (url, "https://hub.example.net/")
    assert own.outside_hubs == none.outside_hubs == ("https://hub.example.net/",)
    assert own.hub == HubSettings()
    assert none.hub is None
    assert none.publication.hubs == none.outside_hubs


def test_addresses_and_languages_are_normalised(tmp_path: Path) -> None:
    """Different spellings of an address or a language give the same value."""
    text = MINIMAL.replace('"http://127.0.0.1:8000/"', '"HTTPS://News.Example.org/über"')
    text = text.replace('language = "en"', 'language = "ZH-hant"') + 'language = "*"\n'

    read = load(tmp_path, text)

    assert read.publication.url == "https://news.example.org/%C3%BCber/"
    assert read.publication.language == "zh-Hant"
    assert read.feeds[0].language is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('title = "Example news"\n', "", "line 2, publication.title: this key is missing."),
        ("title =", "titel =", 'publication.titel: there is no key "titel" here. Did you mean'),
        ('"Example news"', "5", "line 3, publication.title: must be text between quotes, like"),
        ('"Example news"', '" "', "line 3, publication.title: must be a line of text."),
        ('"http://127.0.0.1:8000/"', '"news.example.org"', "publication.url: must start with"),
        ('"http://127.0.0.1:8000/"', '"https://a.org/?b"', "publication.url: must be the address"),
        ('"en"', '"Klingonese"', "line 7, publication.language: must be a language tag"),
        ("example.org,2008", "example.org", "publication.tag: must be a domain that was yours"),
        ("Europe/Vienna", "Vienna", "publication.time_zone: must be a time zone's name, like"),
        ("Europe/Vienna", "Europe", "publication.time_zone: must be a time zone's name"),
        ("Europe/Vienna", "../x", "publication.time_zone: must be a time zone's name"),
        ("[publication]", "[publikation]", 'publikation: there is no key "publikation" here. Did'),
        ('author = "Example"', 'email = "x"\nauthor = "E"', "publication.email: must be an addre"),
        ("author =", "max_age = -1\nauthor =", "publication.max_age: must be at least 0."),
        ("author =", "max_age = 99999\nauthor =", "publication.max_age: must be at most 86400."),
        ("author =", 'max_age = "5"\nauthor =', "publication.max_age: must be a whole number"),
        ("author =", 'hubs = "x"\nauthor =', "publication.hubs: must be a list in square brackets"),
        (
            "[[feed]]",
            '[feed]\nname = "x"\n[feed]',
            "line 14, feed: each needs two brackets, [[feed]]",
        ),
        (
            "[[feed]]",
            '[feed]\nname = "x"\n[[feed]]',
            "line 14, feed: each needs two brackets, [[feed]]",
        ),
        ("[[feed]]", "[paths]\n[paths]\n[[feed]]", "paths: [paths] is there twice. Write all its"),
        ('author = "Example"', 'author = "E"\nauthor = "F"', "author: is there twice. Keep one"),
        ("author =", 'hubs = ["x"]\nauthor =', "publication.hubs[0]: must start with https://"),
        (
            "author =",
            'hubs = ["https://u:pw@x/"]\nauthor =',
            "publication.hubs[0]: must have no name and no password before the host.",
        ),
        ("127.0.0.1:8000", "a.org:99999", "publication.url: must have a port from 1 to 65535, or"),
        ("127.0.0.1:8000", "a.org:x", "publication.url: must have a port from 1 to 65535, or none"),
        ("127.0.0.1:8000", "u:p@a.org", "publication.url: must have no name and no password"),
        ("127.0.0.1:8000", "a b.org", 'publication.url: cannot have the host "a b.org". A host is'),
        ("127.0.0.1:8000", "a..org", 'publication.url: cannot have the host "a..org". A host is'),
        ("127.0.0.1:8000", "[::1", "publication.url: must have a host after ://. A host is like"),
        ("127.0.0.1:8000", "", "publication.url: must have a host after ://. A host is like"),
        ("author =", 'date_order = "YMD"\nauthor =', "date_order: must be 'DMY' or 'MDY'."),
        ('name = "news"', 'name = "All News"', "line 13, feed[0].name: must be made of small"),
        ('name = "news"', 'name = "index"', 'feed[0].name: cannot be "index"'),
        ('name = "news"', 'name = "subscribe-ar"', 'feed[0].name: cannot be "subscribe-ar"'),
        ('name = "news"', 'name = "news"\nkind = "x"', "feed[0].kind: there is no key"),
        (
            'name = "news"',
            'name = "news"\nkinds = ["x"]',
            "kinds[0]: must be 'news', 'event', 'publication' or",
        ),
        ('name = "news"', 'name = "news"\nformats = []', "feed[0].formats: must not be empty."),
        ('name = "news"', 'name = "news"\nformats = ["x"]', "must be 'rss', 'atom' or 'json'."),
        ('name = "news"', 'name = "news"\nformats = [5]', "must be 'rss', 'atom' or 'json'."),
        (
            "[[feed]]",
            "[publication.links]\nabout = 'about us'\n[[feed]]",
            "publication.links.about: must be the address of a page, like",
        ),
        (
            "[[feed]]",
            "[publication.links]\ncontact = 'mailto:news'\n[[feed]]",
            'publication.links.contact: must be an address like "news@example.org".',
        ),
        (
            "[[feed]]",
            "[publication.links]\nprivcy = '/p.html'\n[[feed]]",
            'publication.links.privcy: there is no key "privcy" here. Did you mean privacy?',
        ),
        (
            "[[feed]]",
            "[publication.translations.fr]\ntitel = 'A'\n[[feed]]",
            'publication.translations.fr.titel: there is no key "titel" here. Did you mean title?',
        ),
        (
            "[[feed]]",
            "[publication.translations.fr]\ntitle='A'\nlinks.abot = '/a'\n[[feed]]",
            'publication.translations.fr.links.abot: there is no key "abot" here. Did',
        ),
        (
            "[[feed]]",
            "[publication.translations.fr]\ntitle = 'A'\n[[feed]]",
            "publication: has description, so [publication.translations.fr] needs a line like",
        ),
        (
            "[[feed]]",
            "[publication.translations.en]\ntitle = 'A'\n[[feed]]",
            "publication: has its texts in en itself; take out [publication.translations.en].",
        ),
        (
            'name = "news"',
            'name = "news"\ntranslations.fr.title = "A"',
            'feed[0].translations: needs language = "*": other feeds are on pages of one language.',
        ),
        (
            'name = "news"',
            'name = "news"\nlanguage = "*"\ntranslations.fr.titel = "A"',
            'feed[0].translations.fr.titel: there is no key "titel" here. Did you mean title?',
        ),
        (
            'name = "news"',
            'name = "news"\nlanguage = "*"\ntranslations.en.title = "A"',
            "[[feed]]: title is the title in en; take out [feed.translations.en].",
        ),
        (
            "[[feed]]",
            "[subscribe]\nemail = 'news@example.org'\n[[feed]]",
            'subscribe.email: must begin with mailto:, like "mailto:news@example.org".',
        ),
        (
            "[[feed]]",
            "[hub]\nallow = ['localhost']\n[[feed]]",
            'hub.allow[0]: must be an address like "10.0.0.7" or a network like "10.0.0.0/8".',
        ),
        ("[[feed]]", "[hub]\nsignature = 'md5'\n[[feed]]", "hub.signature: must be 'sha1',"),
        (
            "[[feed]]",
            "[hub]\nlease = 60\n[[feed]]",
            "hub: needs a lease that is neither below lease_min nor above lease_max.",
        ),
        (
            "[[feed]]",
            "[subscribe]\nemail = 'a list'\n[[feed]]",
            "subscribe.email: must be the address of a page, like",
        ),
        (
            "[[feed]]",
            "[subscribe]\nemail = 'mailto:a@example.org?subject=a b'\n[[feed]]",
            'subscribe.email: must be an address like "news@example.org".',
        ),
        (
            "[[feed]]",
            "[subscribe.translations.fr]\nemial = '/liste.html'\n[[feed]]",
            'subscribe.translations.fr.emial: there is no key "emial" here. Did you mean email?',
        ),
        (
            "[[feed]]",
            "[subscribe.translations.en]\nemail = '/list.html'\n[[feed]]",
            "[subscribe]: email is the list in en; take out [subscribe.translations.en].",
        ),
        (
            "[[feed]]",
            "[look.allow]\nframes = ['https://a.org/x']\n[[feed]]",
            "look.allow.frames[0]: must be the address of a site without a path, like",
        ),
        (
            "[[feed]]",
            "[look.allow]\nforms = ['http://a.org']\n[[feed]]",
            "look.allow.forms[0]: must be the address of a site without a path, like",
        ),
        (
            "[[feed]]",
            "[look.allow]\nscripts = ['https://a.org; x']\n[[feed]]",
            "look.allow.scripts[0]: must be the address of a site without a path, like",
        ),
        (
            "[[feed]]",
            "[look.allow]\nframe = ['https://a.org']\n[[feed]]",
            'look.allow.frame: there is no key "frame" here. Did you mean frames?',
        ),
        ("[[feed]]", "[feed]", "feed: at least one feed is needed, under [[feed]] with two"),
        ("[[feed]]", "[serve]\nport = 0\n[[feed]]", "serve.port: must be at least 1."),
        ("[[feed]]", "serve = 1\n[[feed]]", 'publication.serve: there is no key "serve" here.'),
        ("[[feed]]", "[schedule]\ninterval=5\ncron='* * * * *'\n[[feed]]", "cannot have both int"),
        ("[[feed]]", "[schedule]\ncron = '61 * * * *'\n[[feed]]", "schedule.cron: is no cron line"),
        ("[[feed]]", "[schedule]\ncron = '0 0 30 2 *'\n[[feed]]", "names a day that never comes"),
        ("[[feed]]", "[schedule]\ncron = '0 0 31 4,6 *'\n[[feed]]", "names a day that never comes"),
        ("[[feed]]", "[paths]\nstate = 'feeds/x'\n[[feed]]", "paths: must be three folders, none"),
        ("[[feed]]", "[paths]\nstate = ''\n[[feed]]", "paths.state: must not be empty."),
        (
            "[[feed]]",
            "[ledger]\nurl = 'sqlite:///ledger.sqlite'\n[[feed]]",
            'ledger.url: must be the address of a database, like "postgresql+psycopg://dateline@',
        ),
        (
            "[[feed]]",
            "[ledger]\nurl = 'postgresql://dateline:secret@127.0.0.1/news'\n[[feed]]",
            "ledger.url: must have no password. Put it into the environment as DATELINE_LEDGER_PA",
        ),
        (
            "[[feed]]",
            "[ledger]\nurl = 'postgresql://dateline@127.0.0.1/news?password=secret'\n[[feed]]",
            "ledger.url: must have no password. Put it into the environment as DATELINE_LEDGER_PA",
        ),
        (
            "[[feed]]",
            "[ledger]\nurl = 'postgresql://dateline@127.0.0.1/news?sslpassword=secret'\n[[feed]]",
            "ledger.url: must have no password. Put it into the environment as DATELINE_LEDGER_PA",
        ),
        (
            "[[feed]]",
            "[ledger]\nurl = 'postgresql://dateline@127.0.0.1'\n[[feed]]",
            'ledger.url: must name a database, like "postgresql+psycopg://dateline@db.example.org',
        ),
        ("[[feed]]", "[cluster]\nlease = 1\n[[feed]]", "cluster.lease: must be at least 2."),
        ("[[feed]]", "[cluster]\nlease = 31\n[[feed]]", "cluster.lease: must be at most 30."),
        (
            "[[feed]]",
            "[cluster]\nname = 'a b'\n[[feed]]",
            'cluster.name: must be a name of letters, digits, dots and hyphens, like "web1"',
        ),
        (
            "[[feed]]",
            "[cluster]\n[[feed]]",
            "[cluster]: its nodes share a ledger and a store; set url: [ledger] and [store].",
        ),
        (
            "[[feed]]",
            "[ledger]\nurl = 'postgresql:///news'\n[cluster]\n[[feed]]",
            "[cluster]: its nodes share a ledger and a store; set url: [store].",
        ),
        ("[[feed]]", '[paths]\nstate = "a\\u0000"\n[[feed]]', "state: must be a path, without a n"),
        ("[[feed]]", '[look]\nlogo = "a\\u0000"\n[[feed]]', "logo: must be a path, without a null"),
        ("[[feed]]", "[intake]\nproblem_files = 1\n[[feed]]", "problem_files: must be true or fa"),
        ("[[feed]]", "[newsroom]\ntoken = 'secret'\n[[feed]]", "newsroom.token: must be at least"),
        ("[[feed]]", "[newsroom]\nlanguage = 'de'\n[[feed]]", "must be 'ar', 'en', 'es', 'fr'"),
        (
            "[[feed]]",
            "[[newsroom.person]]\nname = 'A'\nrole = 'edtor'\n[[feed]]",
            'newsroom.person[0].role: must be "reader", "writer" or "editor", probably "editor".',
        ),
        (
            "[[feed]]",
            "[[newsroom.person]]\nname = 'A'\nrole = 'editor'\n[[feed]]",
            'newsroom: "A" has neither password nor token. To make one, type: dateline newsroom',
        ),
        (
            "[[feed]]",
            f"{PERSON.format('A')}{PERSON.format('a')}[[feed]]",
            "newsroom.person: has more than one person with the name A.",
        ),
        (
            "[[feed]]",
            f"{PERSON.format('A')}{PERSON.format('B')}[[feed]]",
            "newsroom.person: has two people with the same token.",
        ),
        (
            "[[feed]]",
            "[[newsroom.person]]\nname = 'A'\nrole = 'editor'\npasword = 'x'\n[[feed]]",
            'newsroom.person[0].pasword: there is no key "pasword" here. Did you mean password?',
        ),
        (
            "[[feed]]",
            f"{PERSON.format('A')}password = '{COSTLY}'\n[[feed]]",
            "newsroom.person[0].password: is a hash that cannot be checked here. To make one,",
        ),
        (
            "[[feed]]",
            f"[newsroom]\nheader = 'Remote-User'\nurl = 'https://a.org'\n{PERSON.format('A')}[[feed]]",
            'newsroom.header: needs trusted = ["127.0.0.1"], the address of the server in front:',
        ),
        (
            "[[feed]]",
            f"[newsroom]\nheader = 'Remote-User'\ntrusted = ['::1']\n{PERSON.format('A')}[[feed]]",
            'newsroom.header: needs url = "https://staff.example.org", the address that staff use:',
        ),
        (
            "[[feed]]",
            "[newsroom]\nheader = 'Remote-User'\ntrusted = ['::1']\nurl = 'https://a.org'\n[[feed]]",
            "newsroom.header: needs [[newsroom.person]], the people whose names it has:",
        ),
        (
            "[[feed]]",
            f"[newsroom]\nheader = 'Cookie'\ntrusted = ['::1']\n{PERSON.format('A')}[[feed]]",
            "newsroom.header: must be the name of a header field that the server in front sets,",
        ),
        (
            "[[feed]]",
            f"[newsroom]\ntrusted = ['0.0.0.0/0']\n{PERSON.format('A')}[[feed]]",
            "newsroom.trusted[0]: must not be every address: all of them could then be anybody.",
        ),
        (
            "[[feed]]",
            f"[newsroom]\ntrusted = ['localhost']\n{PERSON.format('A')}[[feed]]",
            'newsroom.trusted[0]: must be an address or a network, like "127.0.0.1".',
        ),
        ("[[feed]]", "[alarm]\nafter = 0\n[[feed]]", "alarm.after: must be at least 1."),
        ("[[feed]]", "[alarm]\nsmtp = 'mail'\n[[feed]]", "alarm.smtp: must be a machine and a"),
        (
            "[[feed]]",
            "[alarm]\nsmtp = 'a..b:25'\n[[feed]]",
            "alarm.smtp: must be a machine and a",
        ),
        ("[[feed]]", "[alarm]\nsmtp = 'a:70000'\n[[feed]]", "alarm.smtp: must be a machine and a"),
        ("[[feed]]", "[alarm]\nmail_to = ['a@b.org']\n[[feed]]", "alarm: has mail_to, so it needs"),
    ],
)
def test_a_fault_names_its_line_and_what_to_type(
    old: str, new: str, expected: str, tmp_path: Path
) -> None:
    """Each fault is one sentence with a line and a key."""
    said = faults(tmp_path, MINIMAL.replace(old, new, 1))

    assert expected in said[0]
    assert re.match(r"config\.toml, line \d+, [^:]+: .*[.?]$", said[0])


@pytest.mark.parametrize("key", ["password", "token"])
def test_a_secret_in_place_of_its_hash_is_not_repeated(key: str, tmp_path: Path) -> None:
    """The message names the command that prints a hash; logs may have the message."""
    person = f"[[newsroom.person]]\nname = 'A'\nrole = 'editor'\n{key} = 'open sesame'\n"

    (said,) = faults(tmp_path, MINIMAL + person)

    assert f"newsroom.person[0].{key}: must be the hash of a {key}, not the {key}." in said
    assert "type: dateline newsroom add NAME" in said
    assert "sesame" not in said


def test_all_faults_are_reported_at_once_in_order_of_line(tmp_path: Path) -> None:
    """All faults of a file are listed together, so it is corrected once."""
    text = MINIMAL.replace("title =", "titel =", 1).replace('"en"', '"?"')
    text += "[[feed]]\nentries = 0\n"

    said = [fault.removeprefix("config.toml, line ") for fault in faults(tmp_path, text)]

    assert said == [
        '3, publication.titel: there is no key "titel" here. Did you mean title?',
        '7, publication.language: must be a language tag, like "en", "fr" or "zh-Hant".',
        '16, feed[1].name: this key is missing. Add a line: name = "…".',
        "17, feed[1].entries: must be at least 1.",
    ]


def test_two_feeds_with_one_name_are_refused(tmp_path: Path) -> None:
    """Feeds of the same name would write the same files."""
    feed = MINIMAL[MINIMAL.index("[[feed]]") :]

    said = faults(tmp_path, MINIMAL + feed)

    assert said == ["config.toml, line 12, feed: has more than one feed with the name news."]


def test_a_node_has_the_name_of_its_machine(tmp_path: Path) -> None:
    """Unless it has one of its own; without the table there is no cluster."""
    shared = "[ledger]\nurl = 'postgresql:///news'\n[store]\nurl = 's3://news'\n[cluster]\n"

    plain = load(tmp_path, MINIMAL.replace("[[feed]]", f"{shared}[[feed]]"))
    named = load(tmp_path, MINIMAL.replace("[[feed]]", f"{shared}name = 'web1'\n[[feed]]"))
    alone = load(tmp_path, MINIMAL)

    assert plain.cluster == config.ClusterSettings(name=gethostname(), lead=True, lease=3)
    assert named.cluster is not None
    assert named.cluster.name == "web1"
    assert alone.cluster is None


def test_the_recipients_of_alarms_are_read(tmp_path: Path) -> None:
    """The mail server may be an IPv6 address, and a repeated recipient counts once."""
    text = '[alarm]\nafter = 60\nmail_to = ["a@b.org", "a@b.org"]\nmail_from = "c@b.org"\n'
    text += f'smtp = "[::1]:2525"\n[newsroom]\ntoken = "{WORD}"\n'

    read = load(tmp_path, MINIMAL + text)

    assert read.alarm.channels == ("mail",)
    assert (read.alarm.after.total_seconds(), read.alarm.smtp) == (60, ("::1", 2525))
    assert read.alarm.mail_to == ("a@b.org",)
    assert read.newsroom == NewsroomSettings(token=WORD)
    assert load(tmp_path, MINIMAL).alarm.channels == ()


def test_invalid_toml_is_reported_with_its_line(tmp_path: Path) -> None:
    """The message begins with the file and the line."""
    assert faults(tmp_path, "[publication]\ntitle = \n")[0].startswith("config.toml, line 2: ")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """A file in Windows-1252 would give a garbled title."""
    said = faults(tmp_path, MINIMAL.replace("Example", "Exämple").encode("cp1252"))

    assert said == ["config.toml is not saved as UTF-8. Save it as UTF-8."]


def test_a_file_from_notepad_is_read(tmp_path: Path) -> None:
    """A BOM and Windows line endings are accepted."""
    read = load(tmp_path, b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())

    assert read.publication.title == "Example news"


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    """The message names the option to type."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml: .*\. Name another with --config\."):
        config.load(tmp_path / "nowhere.toml")


def test_the_shipped_file_is_valid(tmp_path: Path) -> None:
    """The shipped `config.toml` has nine feeds."""
    shutil.copy(SHIPPED, tmp_path)

    read = config.load(tmp_path / "config.toml")

    assert [feed.name for feed in read.feeds] == [
        "news", "corrections", "events", "publications", "prevention", "protection", "prosecution",
        "news-fr", "news-ar",
    ]  # fmt: skip


def test_the_shipped_file_describes_every_key() -> None:
    """Each key is in its table, under a comment, in use or commented out."""
    text = SHIPPED.read_text(encoding="utf-8")
    described: dict[str, set[str]] = {}
    for table in re.split(r"(?m)^(?=(?:# )?\[\[?[a-z.]+\])", text)[1:]:
        name = table[: table.index("\n")].strip("# []")
        name = re.sub(r"^((?:publication|feed)\.translations)\.\w+$", r"\1.fr", name)
        described.setdefault(name, set(re.findall(r"(?m)^(?:# )?(\w+) = ", table)))

    assert described == {
        "moved": set(),
        **{
            name: {key for key in table.model_fields if not {key, f"{name}.{key}"} & NESTED}
            for name, table in TABLES.items()
        },
    }


@pytest.mark.parametrize(
    ("moved", "named"),
    [
        ('a = "b"\nb = "a"', "a"),
        ('a = "b"\nb = "c"\nc = "a"', "a"),
        ('"a.html" = "b.html"\n"b.html" = "http://127.0.0.1:8000/a.html"', "a.html"),
        ('"a.html" = "http://127.0.0.1:8000/a.html"', "a.html"),
        ('a = "a.html"', "a"),
        ('a = "b.rss"\nb = "a"', "a"),
        ('x = "a"\na = "b"\nb = "a"', "a"),
    ],
)
def test_an_old_address_that_leads_back_to_itself_is_refused(
    tmp_path: Path, moved: str, named: str
) -> None:
    """Browsers would follow one after another, and give up."""
    line = MINIMAL.count("\n") + 2
    wrong = f'line {line}, [moved]: "{named}" leads back to itself'
    with pytest.raises(ConfigError, match=re.escape(wrong)):
        load(tmp_path, f"{MINIMAL}\n[moved]\n{moved}\n")


@pytest.mark.parametrize("path", ["größe.html", "a b", "gr%C3%B6%C3%9Fe/", "a/../b", "?p=1"])
def test_a_path_that_cannot_have_moved_is_refused(tmp_path: Path, path: str) -> None:
    """The message lists the characters that it may have."""
    with pytest.raises(ConfigError, match=r"letters from a to z, digits and \. _ ~ / - alone"):
        load(tmp_path, f'{MINIMAL}\n[moved]\n"{path}" = "news"\n')


@pytest.mark.parametrize("moved", ['old = "nwes"', 'old = "older"\nolder = "nwes"'])
def test_an_old_feed_that_leads_to_no_feed_is_refused(tmp_path: Path, moved: str) -> None:
    """Its subscribers would be led to an address at which nothing is."""
    wrong = '[moved]: no feed is called "nwes"; the feeds here are news'
    with pytest.raises(ConfigError, match=re.escape(wrong)):
        load(tmp_path, f"{MINIMAL}\n[moved]\n{moved}\n")


@pytest.mark.parametrize(
    "before", ["https://a.example/old/", "http://a.example:80/", "https://A.example.:443/"]
)
def test_a_machine_that_leads_back_to_itself_is_refused(tmp_path: Path, before: str) -> None:
    """The ports of http and https are no other machine: each request would get a redirect."""
    own = MINIMAL.replace("http://127.0.0.1:8000/", "https://a.example/")
    load(tmp_path, f'{own}\n[moved]\n"http://a.example:8000/" = "https://a.example/"\n')

    with pytest.raises(ConfigError, match="cannot move to itself"):
        load(tmp_path, f'{own}\n[moved]\n"{before}" = "https://a.example/"\n')


@pytest.mark.parametrize(
    "moved",
    [
        'a = "b"\nb = "news"',
        'a = "news"\n"a.rss" = "news.atom"',
        '"feed/" = "news.rss"\nfeed = "news"',
        'a = "https://example.org/a"',
        '"a.b" = "a"\na = "news"',
    ],
)
def test_an_old_address_may_lead_over_another(tmp_path: Path, moved: str) -> None:
    """As where a feed was renamed twice."""
    assert load(tmp_path, f"{MINIMAL}\n[moved]\n{moved}\n").former


def test_commented_keys_show_the_defaults(tmp_path: Path) -> None:
    """Uncommenting the defaults changes nothing."""
    text = SHIPPED.read_text(encoding="utf-8")
    examples = {"email", "rights", "icon", "logo", "date_order", "hubs", "cron", "language"}
    examples |= {"token", "webhook", "mail_to", "mail_from", "accent", "accent_dark", "templates"}
    examples |= {"heartbeat", "url", "about", "contact", "privacy", "accessibility"}
    examples |= {"kind", "service", "command", "token_file", "lead", "lease", "endpoint"}
    examples |= {"branch", "folder", "feedly_logo", "feedly_analytics", "smartnews_logo"}
    examples |= {"smartnews_dark_logo", "smartnews_analytics"}
    examples |= {"frames", "forms", "scripts", "name", "role", "password", "header", "trusted"}
    uncommented = re.sub(
        r"(?m)^# (?=(\w+) = )", lambda found: found[0] if found[1] in examples else "", text
    )

    assert toml.lines(uncommented).keys() > toml.lines(text).keys()
    assert load(tmp_path, uncommented) == load(tmp_path, text)


def test_a_changed_file_is_read_and_an_invalid_one_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The watcher keeps the last valid configuration, and logs a fault once."""
    newest = ConfigWatcher(load(tmp_path, MINIMAL))
    path = tmp_path / "config.toml"

    path.write_text(MINIMAL.replace("Example news", "Other news"), "utf-8")
    assert newest.read().publication.title == "Other news"

    path.write_text(MINIMAL.replace("title =", "titel =", 1), "utf-8")
    assert newest.read().publication.title == "Other news"
    assert newest.read().publication.title == "Other news"
    assert caplog.text.count("Did you mean title?") == 1

    path.write_text(MINIMAL, "utf-8")
    assert newest.read().publication.title == "Example news"


def test_a_change_after_a_file_was_read_is_seen_however_late_it_is_watched(tmp_path: Path) -> None:
    """As while `serve` or `hub` starts: the change was missed until the next one."""
    (tmp_path / "templates").mkdir()
    text = MINIMAL + '[look]\ntemplates = "templates"\n'
    before = load(tmp_path, text)
    assert ConfigWatcher(before).read() is before

    (tmp_path / "config.toml").write_text(text.replace("Example news", "Other news"), "utf-8")
    assert ConfigWatcher(before).read().publication.title == "Other news"

    (tmp_path / "config.toml").write_text(text, "utf-8")
    before = load(tmp_path, text)
    (tmp_path / "templates/style.css").write_text("h1 {color: navy}", "utf-8")
    assert ConfigWatcher(before).read().publication.theme != before.publication.theme


def test_a_link_that_leads_to_another_file_is_followed(tmp_path: Path) -> None:
    """Deployments exchange a folder by its link, and delete the one from before."""
    for name in ("Example news", "Other news"):
        text = MINIMAL.replace("Example news", name) + '[paths]\nentries = "/srv/entries"\n'
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(text, "utf-8")
    now, path = tmp_path / "now", tmp_path / "config.toml"
    now.symlink_to("Example news")
    path.symlink_to("now/config.toml")
    newest = ConfigWatcher(config.load(path))

    _lead_to(now, "Other news")
    shutil.rmtree(tmp_path / "Example news")

    assert newest.read().publication.title == "Other news"
    assert newest.read().path == (tmp_path / "Other news/config.toml")


def test_a_link_that_leads_to_other_entries_is_followed(tmp_path: Path) -> None:
    """The folder from before may still be there."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    entries = tmp_path / "entries"
    entries.symlink_to("first")
    newest = ConfigWatcher(load(tmp_path, MINIMAL))
    assert newest.read().entries == tmp_path / "first"

    _lead_to(entries, "second")

    assert newest.read().entries == tmp_path / "second"


def _lead_to(link: Path, target: str) -> None:
    """Make a link lead elsewhere, in one step."""
    new = link.with_name("new")
    new.symlink_to(target)
    new.replace(link)


@pytest.mark.parametrize(
    ("feeds", "table", "reason"),
    [
        ("{folder}", "paths", "must be three folders, none inside another."),
        ("{folder}/entries/feeds", "paths", "must be three folders, none inside another."),
        ("link", "paths", "must be three folders, none inside another."),
        ("{folder}/state/log", "paths", "must be three folders, none inside another."),
        ("{folder}/log", "serve", "log cannot be in the folder of entries or of documents."),
    ],
)
def test_folders_are_apart_whatever_they_are_called(
    feeds: str, table: str, reason: str, tmp_path: Path
) -> None:
    """Programs would take documents for entries, and readers get what is in `state/`."""
    (tmp_path / "entries").mkdir()
    (tmp_path / "link").symlink_to("entries")
    log = '[serve]\nlog = "log"\n' if table == "serve" else ""

    said = faults(tmp_path, f'{MINIMAL}{log}[paths]\nfeeds = "{feeds.format(folder=tmp_path)}"\n')

    assert len(said) == 1
    assert said[0].endswith(f"{table}: {reason}")


@pytest.mark.parametrize("path", ["~/feeds", "$HOME/feeds", "~"])
def test_a_path_that_only_a_shell_reads_is_refused(path: str, tmp_path: Path) -> None:
    """A folder called `~` would be made beside `config.toml`."""
    said = faults(tmp_path, f'{MINIMAL}[paths]\nfeeds = "{path}"\n')

    assert len(said) == 1
    assert "paths.feeds: must be a path from / or" in said[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("hubs = [1]", 'publication.hubs[0]: must be text between quotes, like hubs = ["…"].'),
        (
            'translations = "fr"',
            "publication.translations: must be tables, like [translations.fr].",
        ),
    ],
)
def test_advice_on_lists_and_tables_can_be_typed(lines: str, said: str, tmp_path: Path) -> None:
    """It names the key, and no number in the list."""
    text = MINIMAL.replace("[publication]\n", f"[publication]\n{lines}\n")

    assert [one.partition(", ")[2].partition(", ")[2] for one in faults(tmp_path, text)] == [said]
