"""No path leads out of the documents: `data/attacks/paths.toml`, against `serve`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import probes
from support.attacks import Attack, attacks, name_of, whole
from support.serving import Served, exchange, granian


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server, below whose feeds a link leads to the configuration."""
    folder: Path = tmp_path_factory.mktemp("paths")
    room = probes.publish(folder)
    (folder / "feeds/link.toml").symlink_to(folder / "config.toml")
    (folder / "feeds/folder").symlink_to(folder)
    with granian(room.config) as served:
        yield served


def answer(served: Served, target: str) -> bytes:
    """Return the answer to a request for a target, as it is."""
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    return exchange(served.port, request.encode("latin-1"))


@pytest.mark.parametrize("attack", attacks("paths"), ids=name_of)
def test_no_path_leads_out(served: Served, attack: Attack) -> None:
    """No spelling of a path reaches a file that is no document."""
    found = answer(served, whole(attack["target"]))

    assert found.startswith(b"HTTP/1.1 4"), found[:200]
    assert b"[publication]" not in found


@pytest.mark.parametrize("target", ["/link.toml", "/folder/config.toml", "/folder/"])
def test_a_link_in_the_folder_is_no_document(served: Served, target: str) -> None:
    """Only what the manifest lists is sent."""
    assert answer(served, target).startswith(b"HTTP/1.1 404")


@pytest.mark.long
def test_a_document_is_sent(served: Served) -> None:
    """Else the tests above could not fail."""
    assert answer(served, "/news.rss").startswith(b"HTTP/1.1 200")
