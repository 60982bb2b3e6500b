"""Is a machine one that the whole world may ask, or one in somebody's own house?

What a document from outside names may lead to a machine that only this one can reach: its own
services, the house's, a cloud's. So the address itself is looked at, after its name was resolved,
and in whatever form it was written: `http://2130706433/` is 127.0.0.1 as well.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_WORLD = ip_network("2000::/3")  # all that is given out (IANA, IPv6 Global Unicast)
_TEREDO = ip_network("2001::/32")
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052; RFC 8215's own prefixes are each house's own
# Python before 3.13 takes these for the world's: RFC 6890, and relays of 6to4 (RFC 7526).
_NOBODY = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"))
_NAT64_LENGTH = 32  # bits, at the end


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet.

    Of an address that holds another one (mapped, NAT64, 6to4), that one decides. Loopback,
    private, link-local, multicast and reserved ones are not, nor Teredo.

    >>> is_public("64:ff9b::7f00:1")
    False
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is None:
            return found in _WORLD and found not in _TEREDO and found.is_global
        found = inner
    return (
        found.is_global
        and not (found.is_multicast or found.is_reserved)
        and not any(found in network for network in _NOBODY)
    )


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Give the IPv4 address to which a connection to this one leads."""
    if address in _NAT64:
        return IPv4Address(int(address) % (1 << _NAT64_LENGTH))
    return address.ipv4_mapped or address.sixtofour
