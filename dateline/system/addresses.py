"""The check that an IP address belongs to the public internet.

A document from outside can name a machine that only this one can reach: its own services, those
of the local network, those of a cloud. So the resolved address itself is checked, whatever the
form in which it was written: `http://2130706433/` is 127.0.0.1, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

NO_DOMAIN = ".invalid"  # RFC 2606: no domain will ever end in it
_LOCAL = (NO_DOMAIN, ".localhost", ".test")  # RFC 2606: nor in these, outside one machine
_WORLD = ip_network("2000::/3")  # all that is assigned (IANA, IPv6 Global Unicast)
_NO_HOSTS = (ip_network("2001::/32"), ip_network("3fff::/20"))  # Teredo; documents, RFC 9637
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052; the prefixes of RFC 8215 are local
# Python before 3.13 takes these for public: RFC 6890, and relays of 6to4 (RFC 7526).
_RESERVED = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"))
_COUNTRY = 2  # letters of a top-level domain of a country, some of which have such ones below:
_SHARED = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})
_OWN_NETWORK = 48  # bits of the IPv6 network that one owner may have (RFC 6177)
_NAT64_LENGTH = 32  # bits, at the end


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet.

    Loopback, private, link-local, multicast, reserved and Teredo addresses do not. For an address
    that embeds another one (mapped, NAT64, 6to4), the embedded one decides.

    >>> is_public("64:ff9b::7f00:1")
    False
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is None:
            is_host = found.is_global and not any(found in one for one in _NO_HOSTS)
            return found in _WORLD and is_host
        found = inner
    return (
        found.is_global
        and not (found.is_multicast or found.is_reserved)
        and not any(found in network for network in _RESERVED)
    )


def is_reachable(address: str, allowed: Iterable[str] = ()) -> bool:
    """Return whether strangers may have this machine connect to an IP address.

    It is public, or in one of the networks that staff have `allowed`.

    >>> is_reachable("127.0.0.9", ["127.0.0.0/8"]), is_reachable("10.0.0.1", ["127.0.0.0/8"])
    (True, False)
    """
    if is_public(address):
        return True
    found = ip_address(address.partition("%")[0])
    return any(found in ip_network(one) for one in allowed)


def site_of(host: str) -> str:
    """Return the domain of a host, as far as its name shows; of an address, that or its network.

    One owner can give any number of names below a domain, and of addresses in a network of IPv6.

    >>> site_of("a.b.example.org"), site_of("a.example.co.uk"), site_of("192.0.2.1")
    ('example.org', 'example.co.uk', '192.0.2.1')
    >>> site_of("2001:db8::1"), site_of("::ffff:192.0.2.1")
    ('2001:db8::/48', '192.0.2.1')
    """
    with suppress(ValueError):
        found = ip_address(host)
        if isinstance(found, IPv6Address):
            return str(_inner(found) or ip_network((found, _OWN_NETWORK), strict=False))
        return str(found)
    labels = host.lower().rstrip(".").split(".")
    is_shared = len(labels[-1]) == _COUNTRY and labels[-2:-1] and labels[-2] in _SHARED
    return ".".join(labels[-3 if is_shared else -2 :])


def may_be_public(host: str) -> bool:
    """Return whether a host name or address can lead a reader on another machine to a site.

    >>> may_be_public("news.example.org"), may_be_public("localhost"), may_be_public("127.0.0.1")
    (True, False, False)
    """
    try:
        return is_public(host)
    except ValueError:  # a name
        return "." in host and not host.endswith(_LOCAL)


def bare_host(host: str) -> str:
    """Return a host without the brackets that an IPv6 address has before a port.

    >>> bare_host("[::1]"), bare_host("news.example.org")
    ('::1', 'news.example.org')
    """
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address embeds, if any."""
    if address in _NAT64:
        return IPv4Address(int(address) % (1 << _NAT64_LENGTH))
    return address.ipv4_mapped or address.sixtofour
