"""Hosts take turns, and those in trouble hold up no other."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from dateline.hub.turns import FIRST, LONGEST, MOST_OF_HOST, MOST_OF_SITE, Turns

NOW = 1000.0
FAST, SLOW, OTHER = "fast.example", "slow.example", "other.example"


def digests(count: int, start: int = 0) -> list[bytes]:
    """Return as many digests."""
    return [number.to_bytes(32, "big") for number in range(start, start + count)]


def drain(turns: Turns, now: float = NOW, *, ill: bool = False) -> list[str]:
    """Begin all deliveries that can begin, and return their hosts in order."""
    found = []
    while chosen := turns.next(now, ill=ill):
        found.append(chosen[0])
    return found


def test_hosts_take_turns() -> None:
    """One with many deliveries is not before one with few, whichever came first."""
    turns = Turns()
    turns.add(SLOW, digests(1000))
    turns.add(FAST, digests(1, 5000))
    turns.add(OTHER, digests(2, 6000))

    assert drain(turns) == [SLOW, FAST, OTHER]
    turns.answered(SLOW, is_success=True)
    turns.answered(OTHER, is_success=True)
    assert drain(turns) == [SLOW, OTHER, SLOW]


def test_names_of_one_domain_share_few_deliveries() -> None:
    """Its owner can make up any number of them, each of which may answer slowly."""
    turns = Turns()
    names = [f"{number}.attacker.example" for number in range(500)]
    for number, name in enumerate(names):
        turns.add(name, digests(2, 2 * number))
    turns.add(OTHER, digests(1, 9000))

    begun = drain(turns)
    assert Counter(begun) == Counter([*names[:MOST_OF_SITE], OTHER])
    turns.answered(OTHER, is_success=True)
    for _ in range(2 * len(names) + 1):
        done = begun.pop(0)
        if done != OTHER:
            turns.answered(done, is_success=True)
        begun += drain(turns)
        assert len(begun) <= MOST_OF_SITE + 1
    assert begun == []


@pytest.mark.parametrize("is_late", [False, True])
def test_a_host_has_its_turn_if_those_before_it_need_none_any_more(*, is_late: bool) -> None:
    """They are forgotten before a delivery to their domain ends, or after."""
    turns = Turns()
    names = [f"{number}.crowded.example" for number in range(4 * MOST_OF_SITE)]
    for name in names:
        turns.add(name, digests(1))
    begun = drain(turns)
    for is_cleared in (not is_late, is_late):
        if is_cleared:
            turns.clear()
            turns.add(names[-1], digests(1))
        else:
            for name in begun:
                turns.answered(name, is_success=True)

    assert drain(turns) == [names[-1]]


@pytest.mark.parametrize("seed", range(3))
def test_no_host_of_a_crowded_domain_is_forgotten(seed: int) -> None:
    """Whatever becomes of the deliveries to others, and if all is added again."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    turns = Turns()
    names = [f"{number}.crowded.example" for number in range(60)]
    left, active, now = Counter(dict.fromkeys(names, 20)), list[str](), NOW

    def add_again() -> None:
        turns.clear()
        for name, count in (left - Counter(active)).items():
            turns.add(name, digests(count))

    add_again()
    while left and now < NOW + 100 * LONGEST:
        active += [*drain(turns, now), *drain(turns, now, ill=True)]
        assert len(active) <= MOST_OF_SITE
        if chance.random() < 0.05:
            add_again()
        if not active:
            now = (turns.next_due() or now) + 1
            continue
        name = active.pop(chance.randrange(len(active)))
        if chance.random() < 0.3:
            turns.unanswered(name, now, 1.0)
            turns.add(name, digests(1))
        else:
            turns.answered(name, is_success=True)
            left -= Counter([name])
    assert not left


def test_a_host_gets_more_at_a_time_the_more_it_has_accepted() -> None:
    """One more with each, up to a limit; a failure without an answer sets it back."""
    turns = Turns()
    turns.add(FAST, digests(100))
    seen = []
    for _ in range(10):
        seen.append(len(drain(turns)))
        turns.answered(FAST, is_success=True)

    assert seen[:3] == [1, 2, 2]
    turns = Turns()
    turns.add(FAST, digests(500))
    active = 0
    for _ in range(50):
        active += len(drain(turns))
        assert active <= MOST_OF_HOST
        turns.answered(FAST, is_success=True)
        active -= 1
    assert active == MOST_OF_HOST - 1

    turns.unanswered(FAST, NOW, 1.0)
    assert drain(turns) == []


def test_refusals_do_not_open_a_host_further() -> None:
    """Only what it accepted counts."""
    turns = Turns()
    turns.add(FAST, digests(9))
    for _ in range(5):
        assert drain(turns) == [FAST]
        turns.answered(FAST, is_success=False)


def test_a_host_that_did_not_answer_has_turns_of_its_own() -> None:
    """Until it answers, whatever the answer is."""
    turns = Turns()
    turns.add(SLOW, digests(5))
    turns.add(FAST, digests(5, 100))
    assert drain(turns) == [SLOW, FAST]
    turns.unanswered(SLOW, NOW, 1.0)
    turns.answered(FAST, is_success=True)

    assert turns.is_ill(SLOW)
    assert set(drain(turns)) == {FAST}
    assert drain(turns, ill=True) == [SLOW]
    turns.answered(SLOW, is_success=False)
    assert not turns.is_ill(SLOW)
    assert drain(turns, ill=True) == []
    assert drain(turns) == [SLOW]


def test_a_host_that_is_doubted_begins_among_those_in_trouble() -> None:
    """It did not answer before this process began."""
    turns = Turns()
    turns.doubt({SLOW})
    turns.add(SLOW, digests(5))

    assert (drain(turns), drain(turns, ill=True)) == ([], [SLOW])


def test_a_host_that_never_answers_rests() -> None:
    """Twice as long each time, up to six hours; then one delivery is tried."""
    turns = Turns()
    turns.add(SLOW, digests(100))
    now, pauses = NOW, []
    for attempt in range(16):
        assert drain(turns, now, ill=attempt > 0) == [SLOW]
        turns.unanswered(SLOW, now, 1.0)
        if attempt >= 2:
            assert drain(turns, now, ill=True) == []
            due = turns.next_due()
            assert due
            assert drain(turns, due - 1, ill=True) == []
            pauses.append(due - now)
            now = due

    assert pauses[:4] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert pauses[-1] == LONGEST
    assert drain(turns, now, ill=True) == [SLOW]
    turns.answered(SLOW, is_success=True)
    assert drain(turns, now) == [SLOW] * 2


def test_what_failed_waits_until_it_is_due() -> None:
    """Also if its host answers others meanwhile: it was refused by itself."""
    turns = Turns()
    turns.add(FAST, digests(1))
    assert drain(turns) == [FAST]
    turns.answered(FAST, is_success=False)
    turns.postpone(FAST, digests(1)[0], NOW + 60, is_silent=False)
    turns.add(FAST, digests(1, 7))
    assert drain(turns) == [FAST]
    turns.answered(FAST, is_success=True)

    assert drain(turns, NOW + 59) == []
    assert turns.next_due() == NOW + 60
    assert turns.next(NOW + 60) == (FAST, digests(1)[0])


def test_what_was_not_answered_is_due_when_the_host_answers() -> None:
    """Once, and not again at the moment that it waited for."""
    turns = Turns()
    first, second = digests(2)
    turns.add(SLOW, [first, second])
    assert turns.next(NOW) == (SLOW, first)
    turns.unanswered(SLOW, NOW, 1.0)
    turns.postpone(SLOW, first, NOW + 60, is_silent=True)
    assert turns.next(NOW, ill=True) == (SLOW, second)
    turns.answered(SLOW, is_success=True)

    assert turns.next(NOW) == (SLOW, first)
    turns.answered(SLOW, is_success=True)
    assert turns.next(NOW + 100) is None


def test_clearing_forgets_what_waits_and_keeps_what_is_known() -> None:
    """A host that rests goes on resting, one that is ill is ill, and limits hold."""
    turns = Turns()
    turns.add(SLOW, digests(9))
    for attempt in range(3):
        assert drain(turns, ill=attempt > 0) == [SLOW]
        turns.unanswered(SLOW, NOW, 1.0)
    turns.add(FAST, digests(9))
    assert drain(turns) == [FAST]
    turns.postpone(OTHER, digests(1)[0], NOW + 5, is_silent=False)

    turns.clear()

    assert turns.next_due() == NOW + FIRST
    assert drain(turns, NOW + 10) == []
    turns.add(SLOW, digests(3))
    turns.add(FAST, digests(3))
    assert drain(turns, ill=True) == drain(turns) == []  # it has one delivery on its way
    assert drain(turns, NOW + FIRST, ill=True) == [SLOW]


def test_no_delivery_is_lost_or_begun_twice() -> None:
    """Whatever becomes of deliveries, in whatever order."""
    chance = random.Random(7)  # noqa: S311 - repeatable
    turns, now = Turns(), NOW
    hosts = [f"{number}.example" for number in range(7)]
    wanted = {(host, one) for n, host in enumerate(hosts) for one in digests(40, 100 * n)}
    for host in hosts:
        turns.add(host, [one for name, one in wanted if name == host])
    active: list[tuple[str, bytes]] = []
    accepted: Counter[tuple[str, bytes]] = Counter()
    for _ in range(20_000):
        now += chance.uniform(0, 30)
        chosen = turns.next(now, ill=chance.random() < 0.5)
        if chosen:
            assert chosen not in active
            active.append(chosen)
        if active and (chance.random() < 0.6 or not chosen):
            host, one = active.pop(chance.randrange(len(active)))
            if (fate := chance.random()) < 0.4:
                accepted[host, one] += 1
                turns.answered(host, is_success=True)
            elif fate < 0.7:
                turns.answered(host, is_success=False)
                turns.postpone(host, one, now + 60, is_silent=False)
            else:
                turns.unanswered(host, now, 1.0)
                turns.postpone(host, one, now + 60, is_silent=True)

    assert not active or len(active) < 10
    assert accepted == Counter(wanted)
