"""A bucket of S3, Google Cloud Storage or Azure as an object store. The door to obstore.

The answers of a store are put into our own words: they repeat keys and signed texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import ObjectStore, S3Store, from_url

from dateline.documents.objects import NO_FIELDS, REDIRECT, ObjectVersion, StoredObject
from dateline.documents.objects.signing import Credentials, quoted_key, signed
from dateline.errors import FetchError, StoreAwayError
from dateline.system import http
from dateline.system.clock import this_moment
from dateline.text.expressions import regex

if TYPE_CHECKING:
    from obstore import PutMode, UpdateVersion
    from obstore.store import ClientConfig, RetryConfig, S3Config

_RETRIES = 4
# How long to connect, for one request, and to try again: for a large file on a slow line, and where
# the request is made again soon, and others wait for the answer.
_PATIENT = (timedelta(seconds=5), timedelta(minutes=10), timedelta(seconds=30))
_IMPATIENT = (timedelta(seconds=1.25), timedelta(seconds=20), timedelta(seconds=2.5))
_SILENCE = timedelta(seconds=2.5)  # of a line that may be cut, where not much is sent
_MUCH = 1_000_000  # bytes, which may take as long to send
_PATIENCE = 30.0  # seconds for an object that redirects, which is small
_MOST_DELETED = 1000  # keys in one request
_GOOGLE = "gs://"  # replaces by number alone, which its lists do not have
_WEBSITE = "x-amz-website-redirect-location"
_CONFLICTS = frozenset({404, 409, 412})  # answers to a condition that does not hold
_CODE = regex(r"<Code>(\w+)</Code>")
_STATUS = regex(r"status code: (\d{3})")
_KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
_REASONS = {
    "NoSuchBucket": "there is no such bucket: create it, or correct its name",
    "InvalidAccessKeyId": f"the access key is unknown there: {_KEYS}",
    "SignatureDoesNotMatch": f"the secret key is wrong: {_KEYS}",
    "ExpiredToken": "the session token has expired: get a new one",
    "InvalidToken": "the session token is invalid: get a new one",
    "RequestTimeTooSkewed": "the clock of this machine is wrong: set it",
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set AWS_REGION",
}
_DENIED = "permission is missing: allow these credentials to list, read, write and delete objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSettings:
    """The place of a bucket: its URL, the address of an endpoint of S3, and its region."""

    url: str
    endpoint: str = ""
    region: str = "us-east-1"
    credentials: Credentials | None = None
    is_patient: bool = True


class BucketStore:
    """The objects in a bucket, below a prefix."""

    def __init__(self, settings: BucketSettings) -> None:
        self._settings = settings
        with self._as_store_error():
            self._store = _opened(settings)
            self._steady = _opened(settings, is_sending_much=True)

    @property
    def name(self) -> str:
        """The address of the bucket, with that of its endpoint."""
        url, endpoint = self._settings.url, self._settings.endpoint
        return f"{url} at {endpoint}" if endpoint else url

    def require_place(self) -> None:
        """Raise nothing: what cannot reach a bucket says so."""

    def read(self, key: str) -> tuple[bytes, ObjectVersion] | None:
        """Return the bytes and the version of an object."""
        with self._as_store_error():
            try:
                found = obstore.get(self._store, key)
            except FileNotFoundError:
                return None
            return bytes(found.bytes()), _version(found.meta["e_tag"], found.meta["version"])

    def create(
        self, key: str, data: bytes, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Write a new object."""
        if self._is_special(fields):
            return self._redirect(key, data, fields, {"If-None-Match": "*"})
        return self._put(key, data, "create", fields)

    def replace(
        self, key: str, data: bytes, seen: ObjectVersion, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Replace an object."""
        if self._is_special(fields):
            return self._redirect(key, data, fields, {"If-Match": f'"{seen.etag}"'})
        number = seen.number or self._number(key, seen)
        if number is None:
            return None
        mode: UpdateVersion = {"e_tag": f'"{seen.etag}"', "version": number}
        if not number:
            del mode["version"]
        return self._put(key, data, mode, fields)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, a thousand in a request."""
        with self._as_store_error():
            for start in range(0, len(keys), _MOST_DELETED):
                obstore.delete(self._store, keys[start : start + _MOST_DELETED])

    def delete_unfinished(self) -> None:
        """Delete nothing: objects are written in one request, whole or not at all."""

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield all objects whose keys begin with a prefix."""
        folder = prefix.rpartition("/")[0] or None  # stores list by whole names
        with self._as_store_error():
            for some in obstore.list(self._store, folder):
                for one in some:
                    # One without a name stands for the folder, as consoles of stores make it.
                    if one["path"] and one["path"].startswith(prefix):
                        version = _version(one["e_tag"], one["version"])
                        yield StoredObject(
                            key=one["path"],
                            size=one["size"],
                            version=version,
                            changed=one["last_modified"].timestamp(),
                        )

    def _put(
        self, key: str, data: bytes, mode: PutMode, fields: Mapping[str, str]
    ) -> ObjectVersion | None:
        held = {name: value for name, value in fields.items() if name != REDIRECT}
        with self._as_store_error():
            try:
                store = self._steady if len(data) > _MUCH else self._store
                done = obstore.put(store, key, data, mode=mode, attributes=held or None)
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                return None
            return _version(done["e_tag"], done["version"])

    def _number(self, key: str, seen: ObjectVersion) -> str | None:
        """Return the number of a version where the store needs one; None if it has changed."""
        if not self._settings.url.startswith(_GOOGLE):
            return ""
        with self._as_store_error():
            try:
                found = obstore.head(self._store, key)
            except FileNotFoundError:
                return None
        now = _version(found["e_tag"], found["version"])
        return now.number if now.etag == seen.etag else None

    # ---- Objects that redirect

    def _is_special(self, fields: Mapping[str, str]) -> bool:
        own = self._settings
        return REDIRECT in fields and own.url.startswith("s3://") and own.credentials is not None

    def _redirect(
        self, key: str, data: bytes, fields: Mapping[str, str], condition: Mapping[str, str]
    ) -> ObjectVersion | None:
        """Write an object that a bucket with a website answers with a redirect."""
        own = self._settings
        if own.credentials is None:  # `_is_special` has excluded it
            raise AssertionError
        held = {name: value for name, value in fields.items() if name != REDIRECT}
        sent = {**held, **condition, _WEBSITE: fields[REDIRECT], "Content-Length": str(len(data))}
        root = own.endpoint or f"https://s3.{own.region}.amazonaws.com"
        place = quoted_key(f"{own.url.removeprefix('s3://').rstrip('/')}/{key}")
        address = f"{root.rstrip('/')}/{place}"
        sent = signed("PUT", address, sent, data, own.credentials, own.region, this_moment())
        try:
            reply = http.ask(address, sent, method="PUT", data=data, limit=_PATIENCE)
        except FetchError as error:
            raise StoreAwayError(f"{self.name}: {error}.") from None
        if reply.status in _CONFLICTS:
            return None
        if reply.status != 200:  # noqa: PLR2004 - OK
            text = f"status code: {reply.status} {reply.data.decode(errors='replace')}"
            raise StoreAwayError(f"{self.name}: {_reason(text)}.")
        return _version(reply.fields.get("etag"), reply.fields.get("x-amz-version-id"))

    @contextmanager
    def _as_store_error(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            # Without the cause, whose text may repeat keys.
            raise StoreAwayError(f"{self.name}: {_reason(str(error))}.") from None


def _opened(settings: BucketSettings, *, is_sending_much: bool = False) -> ObjectStore:
    connect, request, again = _PATIENT if settings.is_patient else _IMPATIENT
    client: ClientConfig = {
        "connect_timeout": connect,
        "timeout": request,
        "allow_http": settings.endpoint.startswith("http://"),
    }
    if not (settings.is_patient or is_sending_much):
        client["read_timeout"] = _SILENCE
    retries: RetryConfig = {"max_retries": _RETRIES, "retry_timeout": again}
    if not settings.url.startswith("s3://"):
        return from_url(settings.url, client_options=client, retry_config=retries)
    config: S3Config = {"region": settings.region}
    if settings.endpoint:  # this key goes before the variables of the environment
        config["aws_endpoint_url_s3"] = settings.endpoint
    if own := settings.credentials:
        config |= {"access_key_id": own.key, "secret_access_key": own.secret}
        config |= {"session_token": own.token} if own.token else {}
    bucket, _, prefix = settings.url.removeprefix("s3://").partition("/")
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options=client,
        retry_config=retries,
    )


def _version(etag: str | None, number: str | None) -> ObjectVersion:
    return ObjectVersion(etag=(etag or "").strip('"'), number=number or "")


def _reason(text: str) -> str:
    """Return the reason of a failure, as the end of a sentence, without anything secret."""
    code = _CODE.search(text)
    name = code[1] if code else ""
    if name in _REASONS:
        return _REASONS[name]
    status = _STATUS.search(text)
    first = text.partition("\n")[0]
    if "169.254." in text or "redential" in text or "must be specified" in first:
        return f"there are no credentials: for S3 {_KEYS}"
    if name == "AccessDenied" or (status and status[1] in {"401", "403"}) or "privileges" in text:
        return _DENIED
    if status:
        return f"it answered with {status[1]} {name}".rstrip()
    if "error sending request" in text:
        return "it cannot be reached: correct the endpoint, or try again later"
    return "it did not answer in time" if "timed out" in first else "it answered unexpectedly"
