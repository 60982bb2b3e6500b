"""The table `[newsroom]`: the staff pages, their address, and the people who may open them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dateline.config.publication_tables import Line, Table
from dateline.config.values import HOW_TO_MAKE, is_own_machine, one_line, origin, secret_token
from dateline.messages import program
from dateline.messages.catalogues import languages
from dateline.text.expressions import regex

_PASSWORD = regex(
    r"\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)
_MOST_MEMORY = 262_144  # kibibytes: each sign-in takes as much
_LONGEST_NAME = 100
_TOKEN = regex(r"sha256:[0-9a-f]{64}")


# Fields that browsers send, or that say something else.
_OTHER_FIELDS = frozenset(
    {"authorization", "cookie", "host", "origin", "referer", "user-agent", "x-forwarded-for"}
)


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
    empty. A request from one of the `trusted` networks may name its client, and has the name of a
    person in the field `header`, if that is set. `max_upload` is the size of the largest file that
    it takes, in bytes. With `approval`, what a writer saves waits for an editor.
    """

    language: str = "en"
    token: str = ""
    without_token: bool = False
    host: str = "127.0.0.1"
    port: int = 8001
    url: str = ""
    approval: bool = False
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


def person_name(text: str) -> str:
    """Return the name of a person, on one line."""
    name = one_line(text)
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"must have at most {_LONGEST_NAME} characters")
    return name


def _role(value: object) -> StaffRole:
    try:
        return StaffRole(str(value))
    except ValueError as error:
        near = get_close_matches(str(value).lower(), [*StaffRole], n=1)
        meant = f', probably "{near[0]}"' if near else ""
        raise ValueError(f'must be "reader", "writer" or "editor"{meant}') from error


def _password_hash(text: str) -> str:
    """Return the hash of a password; the message about anything else does not contain it."""
    found = _PASSWORD.fullmatch(text)
    if not found:
        raise ValueError(f"must be the hash of a password, not the password. {_how_to_hash()}")
    memory, rounds, lanes = map(int, found.groups())
    if memory > _MOST_MEMORY or not rounds or not lanes or memory < 8 * lanes:
        raise ValueError(f"is a hash that cannot be checked here. {_how_to_hash()}")
    return text


def _token_hash(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError(f"must be the hash of a token, not the token. {_how_to_hash()} --token")
    return text


def _how_to_hash() -> str:
    return f"To make one, type: {program.name()} newsroom add NAME"


def _header_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", text) or text.lower() in _OTHER_FIELDS:
        raise ValueError(
            'must be the name of a header field that the server in front sets, like "Remote-User"'
        )
    return text


def _network(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError('must be an address or a network, like "127.0.0.1"') from error
    if network.prefixlen == 0:
        raise ValueError("must not be every address: all of them could then be anybody")
    return str(network)


class PersonTable(Table):
    """`[[newsroom.person]]`: a person who may open the staff pages."""

    name: Annotated[str, AfterValidator(person_name)]
    role: Annotated[StaffRole, PlainValidator(_role)]
    password: Annotated[str, AfterValidator(_password_hash)] | None = None
    token: Annotated[str, AfterValidator(_token_hash)] | None = None

    def value(self) -> PersonSettings:
        """Return the person."""
        return PersonSettings(
            name=self.name, role=self.role, password=self.password or "", token=self.token or ""
        )


# The languages that have a catalogue (`dateline.messages.catalogues`).
if TYPE_CHECKING:
    Tongue = str
else:
    Tongue = Literal[languages()]


class NewsroomTable(Table):
    """`[newsroom]`: the language of the staff pages, their address and access to them."""

    person: list[PersonTable] = []
    language: Tongue | None = None
    token: Annotated[str, AfterValidator(secret_token)] | None = None
    without_token: bool = False
    host: Line = "127.0.0.1"
    port: int = Field(default=8001, ge=1, le=65535)
    url: Annotated[str, AfterValidator(origin)] | None = None
    max_upload: int = Field(default=20_000_000, ge=1_000_000, le=50_000_000)
    approval: bool = False
    trusted: list[Annotated[str, AfterValidator(_network)]] = []
    header: Annotated[str, AfterValidator(_header_name)] | None = None

    def value(self, language: str) -> NewsroomSettings:
        """Return the settings; `language` is that of the publication."""
        own = language.partition("-")[0]
        return NewsroomSettings(
            language=self.language or (own if own in languages() else "en"),
            token=self.token or "",
            without_token=self.without_token and not (self.token or self.person),
            host=self.host,
            port=self.port,
            url=self.url or "",
            header=self.header or "",
            trusted=tuple(dict.fromkeys(self.trusted)),
            people=tuple(person.value() for person in self.person),
            max_upload=self.max_upload,
            approval=self.approval,
        )

    @field_validator("person", mode="after")
    @classmethod
    def _distinct(cls, people: list[PersonTable]) -> list[PersonTable]:
        counts = Counter(one.name.casefold() for one in people)
        if twice := [one.name for one in people if counts[one.name.casefold()] > 1]:
            raise ValueError(f"has more than one person with the name {twice[0]}")
        hashes = Counter(one.token for one in people if one.token)
        if any(count > 1 for count in hashes.values()):
            raise ValueError(f"has two people with the same token. {_how_to_hash()} --token")
        return people

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

    @field_validator("header", mode="after")
    @classmethod
    def _from_trusted(cls, header: str | None, read: ValidationInfo) -> str | None:
        needed = {
            "trusted": 'trusted = ["127.0.0.1"], the address of the server in front',
            "url": 'url = "https://staff.example.org", the address that staff use',
            "person": "[[newsroom.person]], the people whose names it has",
        }
        missing = [line for key, line in needed.items() if not read.data.get(key, True)]
        if header and missing:
            raise ValueError(f"needs {missing[0]}: anybody else can send this field, too")
        return header

    @model_validator(mode="after")
    def _can_sign_in(self) -> NewsroomTable:
        for one in self.person:
            if not (one.password or one.token or self.header):
                raise ValueError(f'"{one.name}" has neither password nor token. {_how_to_hash()}')
        return self


def _is_open(read: ValidationInfo) -> bool:
    """Return whether this machine gets access without a token."""
    own = read.data
    return bool(own.get("without_token")) and not own.get("token") and not own.get("person")
