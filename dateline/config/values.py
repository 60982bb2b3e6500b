"""Values of `config.toml`: each function returns one as it is used, or raises `ValueError`.

The message of the error is the end of a sentence that begins with the key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from dateline.errors import DatelineError
from dateline.model.formats import FORMATS
from dateline.text.characters import clean_text, normalised, sifted
from dateline.text.expressions import regex
from dateline.text.language import tag_of
from dateline.text.urls import address_fault, web_address

ALL_LANGUAGES = "*"
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# Pages that every publication has, and one of those with a search.
_SOURCES = frozenset({"git+https", "git+http", "git+ssh", "git+file", "s3", "gs", "az"})
_RESERVED = frozenset({"404", "410", "503", "index", "subscribe"})
_BY_LANGUAGE = ("404-", "410-", "503-", "subscribe-")
_FOLDERS = frozenset({"authors", "drop", "hub", "places", "search", "topics"})
HOW_TO_MAKE = 'To make one, type: python -c "import secrets; print(secrets.token_urlsafe())"'
_WELL_KNOWN = regex(
    "password|passwort|secret|newsroom|dateline|token|admin|letmein|welcome|default|change|"
    "example|qwertyuiop|qwerty|asdfghjkl|asdf|zxcvbnm|azertyuiop|azerty",
    re.IGNORECASE,
)
_LONGEST_NAME = 200  # of a feed: with the ending of a document, a file's has at most 255
_DATABASE = "postgresql+psycopg"
_DATABASE_EXAMPLE = f'"{_DATABASE}://dateline@db.example.org/news"'
_MINIMUM_RANDOM, _MINIMUM_DISTINCT = 12, 6  # characters of a token


def one_line(text: str) -> str:
    """Return a text of one line, in NFC and with single spaces."""
    line = " ".join(normalised("NFC", text).split())
    if not line or line != clean_text(line):
        raise ValueError("must be a line of text")
    return line


def file_path(text: str) -> str:
    """Return the path of a file or a folder, which no system lets hold a null character."""
    if "\0" in text:
        raise ValueError("must be a path, without a null character")
    return text


def address_of(text: str) -> str:
    """Return a web address as an absolute ASCII URI."""
    address = web_address(text)
    if address is None:
        raise ValueError(address_fault(text))
    return address


def plain_address(text: str) -> str:
    """Return a web address without a name and password, which would be in the ledger."""
    if "@" in text.partition("//")[2].partition("/")[0]:
        raise ValueError("must be an address without a name and a password")
    return address_of(text)


def private_network(text: str) -> str:
    """Return an IP address, or a network of them, as it is written in full."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError(
            'must be an address like "10.0.0.7" or a network like "10.0.0.0/8"'
        ) from None


def source_address(text: str) -> str:
    """Return the address of a git repository, or of a bucket with a prefix."""
    parts = urlsplit(text)
    if parts.scheme not in _SOURCES or not (parts.netloc or parts.scheme == "git+file"):
        raise ValueError(
            "must start with git+https://, git+ssh://, git+file:///, s3://, gs:// or az://"
        )
    has_user = "@" in parts.netloc and parts.scheme != "git+ssh"
    if has_user or parts.password or parts.query or parts.fragment:
        raise ValueError("must be without a password: git and buckets have credentials elsewhere")
    return text


def branch_name(text: str) -> str:
    """Return the name of a branch."""
    if not re.fullmatch(r"\w[\w./-]*", text) or ".." in text or text.endswith(("/", ".lock")):
        raise ValueError("must be the name of a branch")
    return text


def source_folder(text: str) -> str:
    """Return the path of a folder in a repository."""
    parts = text.strip("/").split("/")
    if any(part in {"", ".", ".."} or not part.isprintable() for part in parts):
        raise ValueError('must be a folder of the repository, like "entries"')
    return "/".join(parts)


def service_id(text: str) -> str:
    """Return the id of a service of Fastly."""
    if not re.fullmatch(r"[A-Za-z0-9]+", text):
        raise ValueError("must be the id of a service, of letters and digits")
    return text


def logo_address(text: str) -> str:
    """Return the address of a picture in a format that feeds may name."""
    if not re.search(r"\.(gif|jpe?g|png)(\?.*)?\Z", text, re.IGNORECASE):
        raise ValueError("must be the address of a GIF, JPEG or PNG")
    return text


def link_address(text: str) -> str:
    """Return the address of a page elsewhere, of a mailbox, or a path below the site's address."""
    if text.startswith("mailto:"):
        return f"mailto:{email_address(text.removeprefix('mailto:'))}"
    if ":" in text:
        return address_of(text)
    try:
        return site_path(text)
    except ValueError as error:
        raise ValueError(
            'must be the address of a page, like "https://example.org/about", or its path on this '
            'site, like "/about.html"'
        ) from error


def list_address(text: str) -> str:
    """Return the address of a page, or of a mailbox, where people subscribe by e-mail."""
    if "@" in text and ":" not in text:
        raise ValueError(f'must begin with mailto:, like "mailto:{email_address(text)}"')
    address, query, subject = text.partition("?subject=")
    if text.startswith("mailto:") and re.fullmatch(r"[A-Za-z0-9%._~+-]*", subject):
        return f"{link_address(address)}{query}{subject}"
    return link_address(text)


def folder_address(text: str) -> str:
    """Return the address of a folder, with a slash at its end."""
    address = address_of(text)
    if "?" in address or "#" in text:
        raise ValueError("must be the address of a folder, without ? or #")
    return address.removesuffix("/") + "/"


def language_tag(text: str) -> str:
    """Return a language tag in its usual case (BCP 47)."""
    tag = tag_of(text)
    if tag is None:
        raise ValueError('must be a language tag, like "en", "fr" or "zh-Hant"')
    return tag


def feed_language(text: str) -> str:
    """Return a language tag, or `ALL_LANGUAGES`."""
    return text if text == ALL_LANGUAGES else language_tag(text)


def tag_authority(text: str) -> str:
    """Return the authority of `tag:` URIs: a domain and a day on which it was owned (RFC 4151)."""
    date = r"\d{4}(-\d\d(-\d\d)?)?"
    name = r"([a-z0-9._-]+@)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+"
    if not re.fullmatch(f"{name},{date}", text):
        raise ValueError(
            "must be a domain that was yours on a day, and that day (RFC 4151), like "
            '"example.org,2008"'
        )
    return text


def zone_of(text: str) -> ZoneInfo:
    """Return a time zone of the tz database."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:  # OSError: a folder of zones
        raise ValueError('must be a time zone\'s name, like "Europe/Vienna"') from error


def cron_line(text: str) -> str:
    """Return a cron line of five fields."""
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - few write one

    *others, days = text.split() or [""]
    try:
        text = " ".join([*others, ",".join(map(_named_days, days.split(",")))])
        trigger = CronTrigger.from_crontab(text, timezone=UTC)
    except ValueError as error:
        raise ValueError(f"is no cron line of five fields ({error})") from error
    if trigger.get_next_fire_time(None, datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise ValueError("names a day that never comes, such as 30 February")
    return text


def _named_days(part: str) -> str:
    """Return a part of the weekdays of a cron line, each by its name.

    In cron 0 and 7 are Sunday, and a week begins with it; APScheduler 3 has 0 for Monday.
    """
    day = f"0?[0-7]|{'|'.join(_WEEKDAYS)}"
    found = re.fullmatch(rf"(\*|{day})(?:-({day}))?(?:/([1-7]))?", part.lower())
    if not found or part == "*" or (found[1] == "*" and found[2]):
        return part
    first, step = _number_of_day(found[1]), int(found[3] or 1)
    last = _number_of_day(found[2]) if found[2] else 6 if found[3] else first
    last += 7 * (last < first)
    return ",".join(_WEEKDAYS[number % 7] for number in range(first, last + 1, step))


def _number_of_day(written: str) -> int:
    if written == "*":
        return 0
    return int(written) if written.isdigit() else _WEEKDAYS.index(written)


def email_address(text: str) -> str:
    """Return an e-mail address."""
    if not re.fullmatch(r"[A-Za-z0-9_.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ValueError('must be an address like "news@example.org"')
    return text


def origin(text: str) -> str:
    """Return the scheme, host and port of an address that has nothing else."""
    parts = urlsplit(address_of(text))
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be a name alone, without a path, like https://staff.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def allowed_site(text: str) -> str:
    """Return the origin of a site that pages may use."""
    try:
        found = origin(text)
    except ValueError:
        found = ""
    if not found.startswith("https://"):
        raise ValueError(
            'must be the address of a site without a path, like "https://www.youtube-nocookie.com"'
        )
    return found


def is_own_machine(host: str) -> bool:
    """Return whether only this machine can reach a server that listens at `host`."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def mail_server(text: str) -> str:
    """Return a host and its port."""
    found = re.fullmatch(r"([^\s:/]+|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})", text)
    with suppress(UnicodeError):  # a part of the name is empty, or too long
        if found and 0 < int(found[2]) < 65536 and found[1].encode("idna"):  # noqa: PLR2004
            return text
    raise ValueError('must be a machine and a port, like "127.0.0.1:25"')


def ledger_address(text: str) -> str:
    """Return the address of a database in PostgreSQL, as SQLAlchemy has it, without a password."""
    scheme, _, rest = text.partition("://")
    try:
        parts = urlsplit(f"{_DATABASE}://{rest}")
        query, secret = parse_qs(parts.query), parts.password
    except ValueError:
        parts = None
    if scheme not in {_DATABASE, "postgresql", "postgres"} or parts is None or parts.fragment:
        raise ValueError(f"must be the address of a database, like {_DATABASE_EXAMPLE}")
    if secret is not None or query.keys() & {"password", "sslpassword"}:
        raise ValueError(
            "must have no password. Put it into the environment as DATELINE_LEDGER_PASSWORD, or "
            "into a password file of PostgreSQL (~/.pgpass)"
        )
    if not parts.path.strip("/") and not query.keys() & {"dbname", "service"}:
        raise ValueError(f"must name a database, like {_DATABASE_EXAMPLE}")
    return f"{_DATABASE}://{rest}"


def node_name(text: str) -> str:
    """Return the name of a node, which stands in messages and labels."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62})", text):
        raise ValueError('must be a name of letters, digits, dots and hyphens, like "web1"')
    return text


def feed_name(text: str) -> str:
    """Return a name that a feed may have: it is the stem of its addresses."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError("must be made of small letters, digits and single hyphens")
    if len(text) > _LONGEST_NAME:
        raise ValueError(f"must have at most {_LONGEST_NAME} characters")
    if text in _RESERVED or text.startswith(_BY_LANGUAGE):
        raise ValueError(f'cannot be "{text}": that page is there for something else')
    if text in _FOLDERS or re.fullmatch(r"\d{4}", text):
        raise ValueError(
            f'cannot be "{text}": that address is for something else. Take another name, like '
            f'"{text}-news". If the feed is published, add {text} = "{text}-news" under [moved]'
        )
    return text


def site_path(text: str) -> str:
    """Return a path below the address of the site."""
    path = text.removeprefix("/")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~/-]*", path) or ".." in path:
        raise ValueError(
            'must be a feed\'s name, like "old", or an address without its beginning, like '
            '"old.rss": letters from a to z, digits and . _ ~ / - alone, and no ".."'
        )
    return path


def former_address(text: str) -> str:
    """Return an address that is no longer served: of a site, or a path below this one."""
    return folder_address(text) if "://" in text else site_path(text)


def target_address(text: str) -> str:
    """Return the address that an old one leads to: elsewhere, or a path below this site's."""
    return address_of(text) if "://" in text else site_path(text)


def feed_text(text: str) -> str:
    """Return a text of several lines that a feed can carry: one without control characters."""
    if text != sifted(text) or not text.strip():
        raise ValueError("must be a text without control characters")
    return text.strip()


def feed_format(value: object) -> str:
    """Return the name of a feed format."""
    if not isinstance(value, str) or value not in FORMATS:
        *names, last = map(repr, FORMATS)
        raise ValueError(f"must be {', '.join(names)} or {last}")
    return value


def secret_token(text: str) -> str:
    """Return a token that is hard to guess."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,}", text):
        raise ValueError(
            f"must be at least 16 letters, digits, - and _ that nobody can guess. {HOW_TO_MAKE}"
        )
    left = unpredictable_part(text)
    if len(left) < _MINIMUM_RANDOM or len({*left}) < _MINIMUM_DISTINCT:
        raise ValueError(f"is easy to guess. {HOW_TO_MAKE}")
    return text


def unpredictable_part(text: str) -> str:
    """Return the characters outside well-known words, runs like `123` and repetitions."""
    text = _WELL_KNOWN.sub("", text)
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    left = list(text[:2])
    for place in range(2, len(text)):
        step, last = steps[place - 1], steps[place - 2]
        is_run = step == last and abs(step) <= 1
        if not is_run and text[place - 2 : place + 1] not in text[:place]:
            left.append(text[place])
    return "".join(left)


def store_address(value: str) -> str:
    """Return the address of an object store, empty where there is none."""
    from dateline.documents.objects.opening import require_address  # noqa: PLC0415

    return _required(require_address, value)


def store_endpoint(value: str) -> str:
    """Return the address of a server that speaks S3."""
    from dateline.documents.objects.opening import require_endpoint  # noqa: PLC0415

    return _required(require_endpoint, value)


def _required(require: Callable[[str], str], value: str) -> str:
    try:
        return require(value) if value else ""
    except DatelineError as error:
        text = str(error).rstrip(".")
        raise ValueError(f"is not one that can be used: {text}") from error
