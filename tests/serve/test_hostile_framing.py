"""No request hides in another: `data/attacks/framing.toml`, against `serve` and its newsroom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import probes
from support.attacks import Attack, attacks, name_of
from support.framing import answers, faults
from support.serving import free_port, is_there, serve, until
from support.staff import WORD

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Yield the ports of a server and of its newsroom."""
    folder: Path = tmp_path_factory.mktemp("framing")
    probes.publish(folder)
    own = free_port()
    with (folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[newsroom]\ntoken = "{WORD}"\nport = {own}\n')
    with serve(folder) as served:
        assert until(lambda: is_there(f"{served.url}news.rss"))
        assert until(lambda: is_there(f"http://127.0.0.1:{own}/?token={WORD}"))
        yield {"serve": served.port, "newsroom": own}


@pytest.mark.parametrize("program", ["serve", "newsroom"])
@pytest.mark.parametrize("attack", attacks("framing"), ids=name_of)
def test_no_request_hides_in_another(ports: dict[str, int], attack: Attack, program: str) -> None:
    """A request that two programs could read differently is refused, and ends the connection."""
    host = f"127.0.0.1:{ports[program]}"

    assert faults(attack, answers(ports[program], attack, host)) == []


def test_two_requests_on_one_connection_are_answered(ports: dict[str, int]) -> None:
    """Else the tests above could not fail; the newsroom answers one on each connection."""
    two = {"request": "GET /news.rss HTTP/1.1\r\nHost: {host}\r\n\r\n{smuggled}"}

    counts = {name: len(answers(port, two, "127.0.0.1")) for name, port in ports.items()}
    assert counts == {"serve": 2, "newsroom": 1}
