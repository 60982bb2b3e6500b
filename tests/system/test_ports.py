"""Whether a port is free, on a host or beside those who listen there now."""

from __future__ import annotations

import socket

import pytest

from dateline.errors import DatelineError
from dateline.system.ports import probe_beside


def test_a_port_is_free_beside_a_host_whose_name_is_no_longer_known() -> None:
    """As after a machine was renamed: who mends the configuration must not end the server."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        port = own.getsockname()[1]
        probe_beside("127.0.0.1", port, ("former.invalid", port))


@pytest.mark.parametrize("own", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_a_port_that_is_shared_is_free(own: str) -> None:
    """Its own workers have it, at this address or at all."""
    with socket.create_server((own, 0)) as there:
        port = there.getsockname()[1]
        probe_beside("127.0.0.1", port, (own, port))


def test_a_port_of_another_host_is_taken() -> None:
    """Another program has it there."""
    with socket.create_server(("127.0.0.2", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(DatelineError, match=f"Another program has port {port} on 127.0.0.2"):
            probe_beside("127.0.0.2", port, ("127.0.0.1", port))
