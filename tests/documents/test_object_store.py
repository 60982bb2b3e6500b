"""An object store keeps the conditions that several machines rely on when they write."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dateline.documents.objects import NO_FIELDS, OWN, ObjectVersion
from dateline.documents.objects.check import examine, verify
from dateline.documents.objects.folder import FolderStore
from dateline.documents.objects.opening import folder_of, open_store
from dateline.documents.objects.signing import Credentials, credentials, signed
from dateline.errors import DatelineError, StoreError

ELSE = ObjectVersion(etag="0")


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Return a store in a folder that is not there yet."""
    return FolderStore(tmp_path / "share/news")


class Careless(FolderStore):
    """A store that ignores conditions, as some servers do."""

    def create(
        self, key: str, data: bytes, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Write an object, also where there is one."""
        self.delete([key])
        return super().create(key, data, fields)


class Late(FolderStore):
    """A store that keeps the first condition, and ignores the version that was seen."""

    def replace(
        self, key: str, data: bytes, seen: ObjectVersion, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Replace any version."""
        found = self.read(key)
        return super().replace(key, data, found[1] if found else seen, fields)


def test_an_object_is_created_only_once(store: FolderStore) -> None:
    """The second create writes nothing."""
    first = store.create("objects/ab", b"1")

    assert first is not None
    assert store.create("objects/ab", b"2") is None
    assert store.read("objects/ab") == (b"1", first)


def test_one_of_many_creates_wins(store: FolderStore) -> None:
    """All others are told that the object is there."""
    with ThreadPoolExecutor(8) as pool:
        versions = [*pool.map(lambda n: store.create("head", str(n).encode()), range(24))]

    (winner,) = [number for number, version in enumerate(versions) if version]
    assert store.read("head") == (str(winner).encode(), versions[winner])


def test_an_object_is_replaced_only_in_the_version_that_was_seen(store: FolderStore) -> None:
    """Neither an older version nor an object that is not there is replaced."""
    first = store.create("head", b"1")
    assert first is not None

    second = store.replace("head", b"2", first)

    assert second not in {None, first}
    assert store.replace("head", b"3", first) is None
    assert store.replace("none", b"3", first) is None
    assert store.read("head") == (b"2", second)
    assert store.read("none") is None


def test_swaps_at_the_same_time_lose_none(store: FolderStore) -> None:
    """A counter that eight threads raise has counted them all."""
    store.create("counter", b"0")

    def count(_: int) -> None:
        while True:
            found = store.read("counter")
            assert found is not None
            if store.replace("counter", str(int(found[0]) + 1).encode(), found[1]):
                return

    with ThreadPoolExecutor(4) as pool:
        [*pool.map(count, range(16))]

    found = store.read("counter")
    assert found is not None
    assert found[0] == b"16"


def test_a_list_has_what_is_there(store: FolderStore) -> None:
    """With versions and sizes, without the files of the store itself."""
    assert [*store.objects()] == []
    for key in ("b/2", "a", "b/1"):
        store.create(key, b"12")
    version = store.replace("a", b"1", (store.read("a") or (b"", ELSE))[1])
    (Path(store.name) / ".a.1.new").write_bytes(b"left by a killed writer")

    assert [one.key for one in store.objects()] == ["a", "b/1", "b/2"]
    assert [one.key for one in store.objects("b/")] == ["b/1", "b/2"]
    assert next(store.objects()).version == version


def test_an_object_costs_the_same_among_many(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a new one nor one that is replaced lists the folder that it is in."""
    listed: list[str] = []
    scandir = os.scandir

    def noted(path: str | Path) -> Iterator[os.DirEntry[str]]:
        listed.append(str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", noted)
    first = store.create("objects/ab", b"1")
    assert first is not None
    store.replace("objects/ab", b"2", first)

    assert listed == [str(tmp_path / "share/news")]
    assert [one.key for one in store.objects("objects/a")] == ["objects/ab"]
    assert listed[1:] == [str(tmp_path / "share/news/objects")]


def test_deleted_objects_leave_no_folders(store: FolderStore) -> None:
    """Those that are not there are passed over."""
    store.create("a/b/1", b"1")
    store.create("a/2", b"1")

    store.delete(["a/b/1", "none"])

    assert [one.key for one in store.objects()] == ["a/2"]
    assert not (Path(store.name) / "a/b").exists()


@pytest.mark.parametrize("key", ["", "../x", "/etc/x", "a/../../x"])
def test_keys_do_not_lead_out_of_the_folder(store: FolderStore, key: str) -> None:
    """Such a key is refused."""
    with pytest.raises(StoreError, match="no key"):
        store.create(key, b"1")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error has the path and the reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match=r"file: (File exists|Not a directory)\.$"):
        FolderStore(tmp_path / "file").create("a", b"1")


def test_a_store_that_keeps_its_conditions_is_accepted(store: FolderStore) -> None:
    """The check leaves nothing."""
    findings = [*examine(store)]

    assert [(one.about, one.is_ok) for one in findings] == [
        ("reach", True),
        ("create", True),
        ("swap", True),
        ("list", True),
        ("delete", True),
    ]
    assert [*store.objects()] == []


@pytest.mark.parametrize(
    ("kind", "text"), [(Careless, "may only be created"), (Late, "somebody else has changed")]
)
def test_a_store_that_ignores_a_condition_is_refused(
    kind: type[FolderStore], text: str, tmp_path: Path
) -> None:
    """The sentence names the condition, and the check leaves nothing."""
    store = kind(tmp_path)

    with pytest.raises(StoreError, match=rf"^{tmp_path} cannot be used: .*{text}"):
        verify(store)

    assert not [*store.objects(OWN)]


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("public", "public"),
        ("file:///srv/www/my%20news", "/srv/www/my news"),
        ("file://localhost/srv/www", "/srv/www"),
    ],
)
def test_a_folder_is_named_by_path_or_address(address: str, path: str) -> None:
    """As `--dry-run` and `store check` take it, too."""
    assert folder_of(address) == Path(path)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("file://srv/www", "three slashes"),
        ("S3://bucket/news", "S3:// is no beginning"),
        ("ftp://key:hidden@news.example.org/www", "ftp:// is no beginning"),
        ("s3://key:hidden@bucket/news", "Credentials come from the environment"),
        ("s3://bucket/news?key=hidden", "Credentials come from the environment"),
        ("s3://", "no address of a bucket"),
        ("s3://bucket/a//b", "no address of a bucket"),
        ("s3://bucket/a b", "no address of a bucket"),
    ],
)
def test_other_addresses_are_refused(address: str, text: str) -> None:
    """A secret in one is not repeated."""
    with pytest.raises(DatelineError, match=text) as refused:
        open_store(address, "", {})

    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("endpoint", ["s3.example.org", "https://me:hidden@s3.example.org"])
def test_an_endpoint_is_a_web_address(endpoint: str) -> None:
    """A secret in one is not repeated."""
    with pytest.raises(DatelineError, match="An endpoint is a web address") as refused:
        open_store("s3://bucket/news", endpoint, {})

    assert "hidden" not in str(refused.value)


def test_credentials_are_read_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """The variables come first; the file has profiles. None is ever printed."""
    file = tmp_path / "credentials"
    file.write_text(
        "[default]\naws_access_key_id = AK1\naws_secret_access_key = SECRET1%\n"
        "[news]\naws_access_key_id=AK2\naws_secret_access_key=SECRET2\naws_session_token=T\n"
    )
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(file)}
    both = {"AWS_ACCESS_KEY_ID": "AK0", "AWS_SECRET_ACCESS_KEY": "SECRET0"}

    found = credentials(environment)

    assert found == Credentials(key="AK1", secret="SECRET1%")  # noqa: S106
    assert credentials({**environment, "AWS_PROFILE": "news"}) == Credentials(
        key="AK2",
        secret="SECRET2",  # noqa: S106
        token="T",  # noqa: S106
    )
    assert credentials({**environment, **both}) == Credentials(key="AK0", secret="SECRET0")  # noqa: S106
    assert credentials({"HOME": str(tmp_path)}) is None
    assert "SECRET" not in repr(found)


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"AWS_ACCESS_KEY_ID": "AK"}, "AWS_SECRET_ACCESS_KEY is not"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "none"}, "none: No such file"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "bad"}, "bad is no file of credentials"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "good", "AWS_PROFILE": "x"}, r"has no \[x\]"),
    ],
)
def test_credentials_that_cannot_be_used_are_reported(
    environment: dict[str, str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any text of the file."""
    monkeypatch.chdir(tmp_path)
    Path("bad").write_text("hidden = 1")
    Path("good").write_text("[default]\n")

    with pytest.raises(DatelineError, match=text) as refused:
        credentials(environment)

    assert "hidden" not in str(refused.value)


def test_a_request_is_signed_as_amazon_documents_it() -> None:
    """The example "PUT Object" of Signature Version 4 for S3 has this signature."""
    own = Credentials(
        key="AKIAIOSFODNN7EXAMPLE",
        secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106
    )

    found = signed(
        "PUT",
        "https://examplebucket.s3.amazonaws.com/test%24file.text",
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        b"Welcome to Amazon S3.",
        own,
        "us-east-1",
        datetime(2013, 5, 24, tzinfo=UTC),
    )

    assert found["Authorization"].endswith(
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )
