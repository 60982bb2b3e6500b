"""The store at an address such as `s3://bucket/prefix` or `file:///mnt/share/news`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dateline.documents.objects import ObjectStore
from dateline.documents.objects.folder import FolderStore
from dateline.documents.objects.signing import credentials
from dateline.errors import DatelineError
from dateline.text.expressions import regex

_BUCKETS = frozenset({"s3", "gs", "az"})
_BUCKET = regex(r"[\w][\w.-]*", re.ASCII)
_PREFIX = regex(r"([\w.~-]+/)*[\w.~-]+", re.ASCII)
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


def is_bucket(address: str) -> bool:
    """Return whether an address is that of a bucket."""
    return address.partition("://")[0] in _BUCKETS and "://" in address


def open_store(
    address: str, endpoint: str, environment: Mapping[str, str], *, is_patient: bool = True
) -> ObjectStore:
    """Return the store at an address; nothing is asked of it yet.

    Unless it `is_patient`, a store that does not answer is given up after some seconds.

    `endpoint` is the address of a server that speaks S3, otherwise taken from the environment,
    as credentials and region are. Raises `DatelineError` for an address of no store.
    """
    if not is_bucket(address):
        if endpoint:
            raise DatelineError("--endpoint is for buckets of S3, such as s3://bucket/news.")
        return FolderStore(folder_of(address))
    scheme, bucket, prefix = _parts(address)
    from dateline.documents.objects.bucket import BucketSettings, BucketStore  # noqa: PLC0415

    if scheme != "s3":
        if endpoint:
            raise DatelineError(f"--endpoint is for buckets of S3, not for {scheme}://.")
        url = f"{scheme}://{bucket}{prefix}"
        return BucketStore(BucketSettings(url=url, is_patient=is_patient))
    endpoint = endpoint or _first(environment, _ENDPOINTS)
    return BucketStore(
        BucketSettings(
            url=f"s3://{bucket}{prefix}",
            endpoint=_endpoint(endpoint) if endpoint else "",
            region=_first(environment, _REGIONS) or "us-east-1",
            credentials=credentials(environment),
            is_patient=is_patient,
        )
    )


def require_address(address: str) -> str:
    """Return the address of a store that machines share. Raises `DatelineError` for any other."""
    if is_bucket(address):
        _parts(address)
    elif not address.startswith("file://"):
        raise DatelineError(
            "The address of a store begins with s3://, gs://, az:// or file:///, as in "
            "s3://bucket/news."
        )
    else:
        folder_of(address)
    return address


def require_endpoint(address: str) -> str:
    """Return the address of a server that speaks S3. Raises `DatelineError` for any other."""
    return _endpoint(address)


def folder_of(address: str) -> Path:
    """Return the folder at a path, or at an address that begins with `file://`."""
    if not address.startswith("file:"):
        if "://" in address:
            raise DatelineError(
                f"{address.partition('://')[0]}:// is no beginning of an address that files can be "
                "copied to: it is s3://, gs://, az://, rsync:// or file:///, in small letters."
            )
        return Path(address)
    parts = urlsplit(address)
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
        raise DatelineError("A folder's address has three slashes, as in file:///srv/www/news.")
    return Path(unquote(parts.path))


def _parts(address: str) -> tuple[str, str, str]:
    """Return the kind of a store, the name of the bucket, and the prefix, with its slash."""
    parts = urlsplit(address)
    if "@" in parts.netloc or parts.query or parts.fragment:
        # The address is not repeated: it may hold a password.
        raise DatelineError(
            "The address of a bucket is its name and a prefix, as in s3://bucket/news. "
            "Credentials come from the environment."
        )
    prefix = parts.path.strip("/")
    if not _BUCKET.fullmatch(parts.netloc) or (prefix and not _PREFIX.fullmatch(prefix)):
        raise DatelineError(
            f"{address} is no address of a bucket: name the bucket, and a prefix of letters, "
            "figures, hyphens and slashes, as in s3://bucket/news."
        )
    return parts.scheme, parts.netloc, f"/{prefix}" if prefix else ""


def _endpoint(address: str) -> str:
    parts = urlsplit(address)
    is_address = parts.scheme in {"http", "https"} and parts.hostname and not parts.query
    if not is_address or "@" in parts.netloc:
        raise DatelineError("An endpoint is a web address, as in https://s3.example.org.")
    return address.rstrip("/")


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")
