"""Requests that come, and are repeated, at any moment while others are asked."""

from __future__ import annotations

import asyncio
import random

import pytest

from dateline.hub import verify
from dateline.hub.verify import Consent, Verifier
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest

STEPS = 300


def request(chance: random.Random, number: int) -> SubscriptionRequest:
    """Return a request for one of a few callbacks, known by its challenge."""
    host = f"h{chance.randrange(6)}.s{chance.randrange(3)}.example"
    return SubscriptionRequest(
        mode=Mode.SUBSCRIBE,
        path="news.rss",
        callback=f"http://{host}/{chance.randrange(2)}",
        host=host,
        challenge=str(number),
        received=0,
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_newest_request_of_each_callback_is_settled(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Nothing is left behind, and no error ends the questions to others."""
    monkeypatch.setattr(verify, "_PAUSES", (0, 0, 0, 0))
    monkeypatch.setattr(verify, "_QUIET", (0.0, 0.001))
    chance = random.Random(seed)  # noqa: S311 - no secret
    newest: dict[str, str] = {}
    settled: set[str] = set()
    errors: list[object] = []

    async def put(one: SubscriptionRequest) -> Consent:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        return list(Consent)[(chance.randrange(3) + int(one.challenge)) % 3]

    async def run() -> int:
        asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
        own = Verifier(put, lambda one, _: settled.add(one.challenge), lambda: 0)
        for step in range(STEPS):
            some = [request(chance, 10 * step + number) for number in range(chance.randrange(5))]
            newest.update({one.digest: one.challenge for one in some})
            own.add(some)
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
        async with asyncio.timeout(20):
            while own.count:  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0.01)
        return own.count

    assert asyncio.run(run()) == 0
    assert not errors
    assert settled.issuperset(newest.values())
