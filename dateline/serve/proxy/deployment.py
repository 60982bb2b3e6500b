"""The publication as a static copy, at any kind of target: a folder, a bucket, or a machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from dateline.config import Config
from dateline.documents import Progress, silent
from dateline.documents.manifest import DocumentListing
from dateline.documents.object_copy import ObjectCopy, redirect_page
from dateline.documents.objects.opening import folder_of, is_bucket, open_store
from dateline.documents.rsync_copy import RsyncCopy, is_rsync, verify_is_folder
from dateline.documents.static_copy import CopyResult
from dateline.errors import DatelineError, OvertakenError
from dateline.model import is_media
from dateline.serve.cache import IMMUTABLE, lifetime
from dateline.serve.proxy import static_host
from dateline.serve.proxy.static_host import Host

_TRIES = 3
_WAIT = 1.0  # second


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One order to copy the publication.

    `target` is the path or `file://` address of a folder, the address of a bucket such as
    `s3://bucket/news`, or a target of rsync such as `www@host:/srv/www`; `endpoint` that of a
    server that speaks S3. With `is_packed`, objects are stored in gzip. A trial writes nothing.
    `environment` has the credentials.
    """

    target: str
    host: Host = "any"
    endpoint: str = ""
    is_packed: bool = False
    is_trial: bool = False
    environment: Mapping[str, str] = field(repr=False)


def deploy(config: Config, order: Deployment, progress: Progress = silent) -> CopyResult:
    """Bring a copy of the publication up to date.

    Raises `DatelineError` if there is nothing to copy or the target may not be used, and
    `StoreError` if it cannot be written.
    """
    if is_bucket(order.target):
        return _to_bucket(config, order, progress)
    if order.endpoint or order.is_packed:
        raise DatelineError("--endpoint and --gzip are for buckets, such as s3://bucket/news.")
    if is_rsync(order.target):
        return _by_rsync(config, order, progress)
    verify_is_folder(order.target)
    folder = folder_of(order.target)
    return static_host.deploy(config, folder, order.host, progress, is_trial=order.is_trial)


def _to_bucket(config: Config, order: Deployment, progress: Progress) -> CopyResult:
    _verify_is_for_any(order)
    store = open_store(order.target, order.endpoint, order.environment)
    static_host.verify_is_static(config)
    lasting = f"max-age={config.publication.max_age}"

    def fields(listing: DocumentListing) -> Mapping[str, str]:
        cache = lifetime(IMMUTABLE) if is_media(listing.path) else lasting
        return {"Content-Type": listing.media_type, "Cache-Control": cache}

    copy = ObjectCopy(store, config.feeds_folder, fields, is_packed=order.is_packed)

    def update() -> CopyResult:
        documents = static_host.listed(config)
        former = _as_files(static_host.former_addresses(config, documents), documents)
        return copy.update(documents, former, progress, is_trial=order.is_trial)

    return static_host.until_whole(lambda: _again(update))


def _again(update: Callable[[], CopyResult]) -> CopyResult:
    """Repeat an update by the newest list while others write: a killed run's last requests."""
    for _ in range(_TRIES):
        with suppress(OvertakenError):
            return update()
        time.sleep(_WAIT)
    return update()


def _by_rsync(config: Config, order: Deployment, progress: Progress) -> CopyResult:
    _verify_is_for_any(order)
    static_host.verify_is_static(config)
    copy = RsyncCopy(order.target, config.feeds_folder)

    def update() -> CopyResult:
        documents = static_host.listed(config)
        former = _as_files(static_host.former_addresses(config, documents), documents)
        # Others would have the media type of a feed, or none.
        own = {path: redirect_page(to) for path, to in former.items() if path.endswith(".html")}
        return copy.update(documents, own, progress, is_trial=order.is_trial)

    return static_host.until_whole(update)


def _verify_is_for_any(order: Deployment) -> None:
    if order.host != "any":
        raise DatelineError("--for is for folders, which a static host publishes.")


def _as_files(former: Mapping[str, str], documents: Iterable[DocumentListing]) -> dict[str, str]:
    """Return the former addresses with names that a file can have beside the documents.

    `feed` is left out beside `feed/`: folders, and some servers of S3, cannot have both, and the
    website of a bucket leads from one to the other by itself.
    """
    files = {f"{path}index.html" if path.endswith("/") else path: to for path, to in former.items()}
    there = {one.path for one in documents}
    folders = {str(folder) for path in (*files, *there) for folder in PurePosixPath(path).parents}
    return {path: to for path, to in files.items() if path not in there | folders}
