"""The table `[newsroom]`: the staff pages, their address, and the people who may open them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from dateline.config.publication_tables import Line, Table
from dateline.config.values import HOW_TO_MAKE, is_own_machine, origin, secret_token
from dateline.messages.catalogues import languages


class StaffRole(StrEnum):
    """What a person may do; each role may do all that those before it may."""

    READER = "reader"
    WRITER = "writer"
    EDITOR = "editor"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSettings:
    """A person of the newsroom; `password` and `token` are hashes, or empty.

    >>> PersonSettings(name="Reader", role=StaffRole.READER).role.value
    'reader'
    """

    name: str
    role: StaffRole
    password: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsroomSettings:
    """The settings of the newsroom, the pages for staff.

    It is served if there is a `token`, if there are `people`, or if this machine gets access
    `without_token`. `url` is its address behind a server with TLS, without a slash at its end, or
    empty. A request from one of the `trusted` networks has the name of a person in the field
    `header`, if that is set. `max_upload` is the size of the largest file that it takes, in bytes.
    """

    language: str = "en"
    token: str = ""
    without_token: bool = False
    host: str = "127.0.0.1"
    port: int = 8001
    url: str = ""
    header: str = ""
    trusted: tuple[str, ...] = ()
    people: tuple[PersonSettings, ...] = ()
    max_upload: int = 20_000_000

    @property
    def needs_sign_in(self) -> bool:
        """True if only a token or the name of a person gives access."""
        return bool(self.token or self.people)

    @property
    def is_on(self) -> bool:
        """True if it is served."""
        return self.needs_sign_in or self.without_token


# The languages that have a catalogue (`dateline.messages.catalogues`).
if TYPE_CHECKING:
    Tongue = str
else:
    Tongue = Literal[languages()]


class NewsroomTable(Table):
    """`[newsroom]`: the language of the staff pages, their address and access to them."""

    language: Tongue | None = None
    token: Annotated[str, AfterValidator(secret_token)] | None = None
    without_token: bool = False
    host: Line = "127.0.0.1"
    port: int = Field(default=8001, ge=1, le=65535)
    url: Annotated[str, AfterValidator(origin)] | None = None
    max_upload: int = Field(default=20_000_000, ge=1_000_000, le=50_000_000)

    def value(self, language: str) -> NewsroomSettings:
        """Return the settings; `language` is that of the publication."""
        own = language.partition("-")[0]
        return NewsroomSettings(
            language=self.language or (own if own in languages() else "en"),
            token=self.token or "",
            without_token=self.without_token and not self.token,
            host=self.host,
            port=self.port,
            url=self.url or "",
            max_upload=self.max_upload,
        )

    @field_validator("host", mode="after")
    @classmethod
    def _within_reach(cls, host: str, read: ValidationInfo) -> str:
        if _is_open(read) and not is_own_machine(host):
            raise ValueError("must be 127.0.0.1 where nobody needs a token")
        return host

    @field_validator("url", mode="after")
    @classmethod
    def _with_token(cls, url: str | None, read: ValidationInfo) -> str | None:
        if url and _is_open(read):
            raise ValueError(f"is for a newsroom with a token. {HOW_TO_MAKE}")
        return url


def _is_open(read: ValidationInfo) -> bool:
    """Return whether this machine gets access without a token."""
    own = read.data
    return bool(own.get("without_token")) and not own.get("token")
