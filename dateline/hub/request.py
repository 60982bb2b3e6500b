"""A request to subscribe or unsubscribe, read and judged (WebSub, section 5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, parse_qsl, urlsplit

from dateline.config import Config
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest
from dateline.model import HubSettings
from dateline.system.addresses import is_reachable
from dateline.text.expressions import regex

FORM = "application/x-www-form-urlencoded"
_FIELDS = 50  # of a form
_LONGEST = 2048  # characters of a callback
_SECRET = 200  # bytes: a secret has fewer (section 5.1)
# No name ends so (https://url.spec.whatwg.org/#ends-in-a-number-checker).
_NUMBER = regex(r"0x[0-9a-f]*|[0-9]+")
_MODES = (Mode.SUBSCRIBE, Mode.UNSUBSCRIBE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAnswer:
    """An answer of the hub: a status (RFC 9110, section 15), and a sentence for developers."""

    status: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()


class _RefusedError(Exception):
    """The sentence with which a request is refused."""


def judge(
    body: bytes, media_type: str, config: Config, settings: HubSettings, *, now: int, challenge: str
) -> SubscriptionRequest | HubAnswer:
    """Return the request in a form, or the answer that refuses it.

    Fields that the hub does not know are ignored. Whether there is such a feed is not judged here:
    the answer must not depend on it, and the subscriber learns it in another way (section 5.2).
    """
    if media_type.partition(";")[0].strip().lower() != FORM:
        return HubAnswer(status="415 Unsupported Media Type", text=f"Send a form, as {FORM}.")
    try:
        form = _form(body)
        callback = form.get("hub.callback", "")
        return SubscriptionRequest(
            mode=_mode(form.get("hub.mode", "")),
            path=_path(form.get("hub.topic", ""), config.publication.url),
            callback=callback,
            host=_host(callback, settings.allow),
            secret=_secret(form.get("hub.secret", "")),
            lease=_lease(form.get("hub.lease_seconds", ""), settings),
            challenge=challenge,
            received=now,
            due=now,
        )
    except _RefusedError as error:
        return HubAnswer(status="400 Bad Request", text=str(error))


def _form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; of two with one name, the first counts."""
    try:
        text = body.decode("ascii")
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError as error:  # bytes that are no text, or more fields than any request has
        raise _RefusedError("The form cannot be read: its fields have to be UTF-8.") from error
    return dict(reversed(fields))


def _mode(text: str) -> Mode:
    if text not in _MODES:
        raise _RefusedError("hub.mode has to be subscribe or unsubscribe.")
    return Mode(text)


def _path(topic: str, url: str) -> str:
    """Return the path of a topic below the site's address."""
    if not topic:
        raise _RefusedError("hub.topic is missing: it is the address of a feed.")
    path = topic.removeprefix(url)
    if path == topic or not path.isprintable() or len(path) > _LONGEST:
        raise _RefusedError(f"hub.topic has to be the address of a feed below {url}")
    return path


def _host(callback: str, allow: Sequence[str]) -> str:
    """Return the host of a callback."""
    if not callback:
        raise _RefusedError("hub.callback is missing: it is the address of the subscriber.")
    is_plain = callback.isascii() and callback.isprintable() and not set(' <>"') & set(callback)
    parts = _parts(callback)
    if len(callback) > _LONGEST or not is_plain or parts is None:
        raise _RefusedError(
            "hub.callback has to be an http or https address without a name and a password, of "
            f"{_LONGEST} characters at most."
        )
    host = _canonical(parts.hostname or "")
    if _is_private(host, allow):
        raise _RefusedError("hub.callback is at a private address.")
    return host


def _canonical(host: str) -> str:
    """Return a host in the one form in which it is counted.

    An IP address may be written in any number of forms, each of which would count as a host of its
    own: as numbers in other systems (`0xc0000201`), with a zone, or with zeros left out. So would
    a name with a dot at its end.
    """
    name = host.rstrip(".")
    try:
        found = ip_address(host)
    except ValueError:
        found = None
    if "%" in host or (found is None and _NUMBER.fullmatch(name.rpartition(".")[2])):
        raise _RefusedError("hub.callback has an IP address in an unusual form.")
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found or name)


def _parts(callback: str) -> SplitResult | None:
    """Return the parts of an address that can be a callback, else None."""
    try:
        parts = urlsplit(callback)
        is_whole = (
            parts.scheme in {"http", "https"}
            and (parts.hostname or "").strip(".")
            and parts.port != 0
        )
    except ValueError:  # a port that is no number, or an address of IPv6 that is none
        return None
    return parts if is_whole and "@" not in parts.netloc and "#" not in callback else None


def _is_private(host: str, allow: Sequence[str]) -> bool:
    """Return whether a host is the address of a machine that the hub does not send to.

    A name is resolved, and judged, whenever a connection is made.
    """
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost" and not is_reachable("127.0.0.1", allow)
    return not is_reachable(host, allow)


def _secret(text: str) -> str:
    if len(text.encode()) >= _SECRET or "\0" in text:
        raise _RefusedError(f"hub.secret has to have less than {_SECRET} bytes.")
    return text


def _lease(text: str, settings: HubSettings) -> int:
    """Return the seconds of a subscription: as asked for, within the bounds of the hub."""
    if not text:
        return settings.lease
    if not (text.isascii() and text.isdecimal()) or not int(text[:20]):
        raise _RefusedError("hub.lease_seconds has to be a whole number, like 864000.")
    return min(max(int(text[:20]), settings.lease_min), settings.lease_max)
