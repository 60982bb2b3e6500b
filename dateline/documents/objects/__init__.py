"""Object stores: buckets of S3 and of others, and folders that machines share.

An object is bytes under a key, and is replaced whole. Two conditions make it safe to write from
several machines: `create` writes an object only if there is none, `replace` only if it is still
the version that was seen. `verify` tests whether a store keeps both. Nothing above this package
knows which kind of store it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

REDIRECT = "Redirect"
"""Name of the field that makes an object lead to an address, where a store can hold that."""

OWN = ".dateline-"
"""Start of the names of objects that belong to the store itself, and are not listed."""

NO_FIELDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVersion:
    """The version of an object: its ETag without quotes, and its number where stores have one."""

    etag: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One object in the list of a store; `size` in bytes, `changed` in seconds since 1970."""

    key: str
    size: int
    version: ObjectVersion
    changed: float = 0.0


class ObjectStore(Protocol):
    """A store of objects. Every method raises `StoreError` where the store cannot do it.

    `name` is the address that people know it by, without credentials. `fields` are header fields
    that the object is served with, where the store can hold them.
    """

    @property
    def name(self) -> str:
        """The address of the store."""

    def require_place(self) -> None:
        """Raise `StoreAwayError` where the place of a store that had objects holds nothing."""

    def read(self, key: str) -> tuple[bytes, ObjectVersion] | None:
        """Return the bytes and the version of an object, or None where there is none."""

    def create(
        self, key: str, data: bytes, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Write a new object; return None, and write nothing, where there is one already."""

    def replace(
        self, key: str, data: bytes, seen: ObjectVersion, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Replace an object; return None, and write nothing, unless it is the version `seen`."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are not there are passed over."""

    def delete_unfinished(self) -> None:
        """Delete what writers that were killed have left of objects; no other writes meanwhile."""

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield all objects whose keys begin with a prefix."""
