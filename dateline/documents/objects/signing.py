"""Credentials for S3, and the signature of a request (AWS Signature Version 4).

obstore signs all requests but one: an object that redirects needs a header field that it does not
know, and that has to be signed.
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import configparser
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from dateline.errors import DatelineError

_HASH = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A pair of keys for S3, with a token if they are for a while. None of them is printed."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def credentials(environment: Mapping[str, str]) -> Credentials | None:
    """Return the keys in the environment, or in the file that other tools for S3 read, too.

    None if there are none: a machine in a cloud may have a role of its own. Raises
    `DatelineError` for a file that cannot be read, or without the profile that is asked for.
    """
    if key := environment.get("AWS_ACCESS_KEY_ID"):
        secret = environment.get("AWS_SECRET_ACCESS_KEY", "")
        if not secret:
            raise DatelineError("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not.")
        return Credentials(key=key, secret=secret, token=environment.get("AWS_SESSION_TOKEN", ""))
    named = environment.get("AWS_SHARED_CREDENTIALS_FILE")
    home = environment.get("HOME")
    path = Path(named or Path(home or "/", ".aws/credentials"))
    if not named and not path.is_file():
        return None
    return _in_file(path, environment.get("AWS_PROFILE"))


def _in_file(path: Path, profile: str | None) -> Credentials | None:
    """Return the keys of a profile in a file. No text of the file is in a message."""
    read = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        read.read_string(path.read_text("utf-8"))
    except OSError as error:
        raise DatelineError(f"{path}: {error.strerror}.") from None
    except (configparser.Error, UnicodeDecodeError):
        raise DatelineError(
            f"{path} is no file of credentials: a line such as [default] comes first, then "
            "aws_access_key_id and aws_secret_access_key."
        ) from None
    section = profile or "default"
    if not read.has_section(section):
        if profile is None:
            return None
        raise DatelineError(f"{path} has no [{profile}], which AWS_PROFILE names.")
    key, secret, token = (
        read.get(section, name, fallback="")
        for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    )
    return Credentials(key=key, secret=secret, token=token) if key and secret else None


def signed(  # noqa: PLR0917 - in the order of a request
    method: str,
    address: str,
    fields: Mapping[str, str],
    data: bytes,
    own: Credentials,
    region: str,
    now: datetime,
) -> dict[str, str]:
    """Return the header fields of a request with those that sign it; the address has no query."""
    parts = urlsplit(address)
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    digest = hashlib.sha256(data).hexdigest()
    sent = {
        **fields,
        "Host": parts.netloc,
        "x-amz-content-sha256": digest,
        "x-amz-date": moment,
        **({"x-amz-security-token": own.token} if own.token else {}),
    }
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in sent.items())
    names = ";".join(name for name, _ in lines)
    listed = "".join(f"{name}:{value}\n" for name, value in lines)
    request = f"{method}\n{parts.path}\n\n{listed}\n{names}\n{digest}"
    scope = f"{now:%Y%m%d}/{region}/s3/aws4_request"
    text = f"{_HASH}\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{own.secret}".encode()
    for part in scope.split("/"):
        key = _mac(key, part)
    sign = f"{_HASH} Credential={own.key}/{scope}, SignedHeaders={names}, Signature="
    return {**sent, "Authorization": sign + _mac(key, text).hex()}


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def quoted_key(key: str) -> str:
    """Return a key as it stands in an address that is signed."""
    return quote(key, safe="/-._~")
