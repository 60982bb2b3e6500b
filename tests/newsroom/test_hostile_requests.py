"""Requests to the newsroom that are not what they seem do nothing: `data/attacks/requests.toml`.

`tests/outside/test_hostile_fronts.py` sends them through servers in front.
"""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from dateline.newsroom import create_app
from support.attacks import Attack, cases
from support.hostile_newsroom import OUTSIDE, Target, attacked, publication
from support.staff import AT, Staff


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """Return a newsroom in which one person was removed, and one has fewer rights than before."""
    newsroom = publication(tmp_path_factory.mktemp("target"))
    return attacked(newsroom, Staff(newsroom).room, tmp_path_factory.mktemp("other"))


def send(target: Target, attack: Attack) -> TestResponse:
    """Send the request of an attack."""
    request = target.request(attack)
    return (
        create_app(target.room)
        .test_client(use_cookies=False)
        .open(
            request.path,
            method=request.method,
            base_url=AT,
            query_string=request.query,
            headers=request.fields,
            data=request.form or request.body,
        )
    )


@pytest.mark.parametrize("attack", cases("requests"))
def test_a_hostile_request_does_nothing(target: Target, attack: Attack) -> None:
    """Nothing is decided, written or signed in, and no file from outside is shown."""
    before = target.decided()

    answer = send(target, attack)

    assert answer.status_code == attack["status"], answer.text
    assert "Set-Cookie" not in answer.headers
    assert target.decided() == before
    said = answer.text + str(answer.headers)
    assert OUTSIDE not in said
    assert "not" not in attack or attack["not"] not in said
    if answer.status_code != 404:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_of_ours_does_something(target: Target) -> None:
    """Else the test above could not fail."""
    form = {"file": "cooling.toml", "word": "{editor}"}
    before = target.decided()

    answer = send(target, {"cookie": "editor", "method": "POST", "path": "/stop", "form": form})

    assert answer.location == "/?done=stopped&about=cooling.toml"
    assert target.decided() != before
