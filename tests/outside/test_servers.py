"""Real WSGI servers other than granian, with the same probes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from outside.programs import BROUGHT, missing
from support import probes
from support.probes import Subject
from support.serving import PUBLISHER, free_port, running, until

pytestmark = pytest.mark.outside

COMMANDS = {
    "gunicorn": [
        "gunicorn",
        "--no-control-socket",
        "--threads=4",
        "--bind=127.0.0.1:{port}",
        "dateline.web:create_app()",
    ],
    "waitress": ["waitress", "--listen=127.0.0.1:{port}", "--call", "dateline.web:create_app"],
}
# Waitress merges double slashes before we see them, and closes the connection after a 304.
ITS_OWN = {
    "gunicorn": set(),
    "waitress": {
        "Hosts and targets: two slashes",
        "Requests one after another: after a 304, a 204 and a 405",
    },
}


@pytest.fixture(scope="module", params=COMMANDS)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Subject]]:
    """Yield a server by name, and its publication."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    name: str = request.param
    room = probes.publish(tmp_path_factory.mktemp(name))
    port = free_port()
    command = [sys.executable, "-m", *(word.format(port=port) for word in COMMANDS[name])]
    paths = [str(BROUGHT / "wire"), str(PUBLISHER.parent)]
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "DATELINE_CONFIG": str(room.config.path),
    }
    with running(command, port, room.folder, variables) as served:
        assert until(lambda: served.get("news.rss").status_code == 200)
        yield name, probes.subject(("127.0.0.1", port))


@pytest.mark.parametrize("level", probes.WEIGHTS)
def test_the_applications_responses_are_right_on_any_server(
    served: tuple[str, Subject], level: str
) -> None:
    """For all probes except those that a server answers itself."""
    name, subject = served
    asked = [
        probe for probe in probes.probes() if (probe.by, probe.level) == ("application", level)
    ]

    found = {probe.title: probes.faults(probe, subject) for probe in asked}

    assert {title: faults for title, faults in found.items() if faults}.keys() <= ITS_OWN[name]
