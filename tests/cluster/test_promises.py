"""The judges of clusters find each promise that is broken."""

from __future__ import annotations

import json
from time import time

import pytest

from cluster.notices import Notices
from cluster.promises import Answer, Promises
from support.receiving import Received

EARLY, LATE = "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"
FIRST = "Wed, 25 Nov 2026 10:00:00 GMT"
SECOND = "Wed, 25 Nov 2026 11:00:00 GMT"


def feed(*titles: str, published: str = EARLY, number: str = "") -> bytes:
    """Return a feed with these entries."""
    items = [
        {
            "title": one,
            "id": f"tag:{one}{number}",
            "url": f"https://news.example.org/{one}.html",
            "date_published": published,
            "date_modified": published,
        }
        for one in titles
    ]
    return json.dumps({"items": items}).encode()


def answer(data: bytes, tag: str = '"1"', changed: str = FIRST, status: int = 200) -> Answer:
    """Return an answer of a node."""
    return Answer(status=status, tag=tag, changed=changed, data=data)


BOTH = answer(feed("A", "B"))
BROKEN = {
    "other bytes": [BOTH, answer(feed("A"))],
    "Last-Modified of news.json goes back": [answer(feed("A"), changed=SECOND), BOTH],
    "has an entry twice": [answer(feed("A", "A"))],
    "which nobody wrote": [answer(feed("C"))],
    "another id or date of A": [BOTH, answer(feed("A", "B", number="2"), '"2"')],
    "date of B": [BOTH, answer(feed("A", "B", published=LATE), '"2"')],
    "goes back, without B": [BOTH, answer(feed("A"), '"2"')],
    "answers 404 for news.json": [answer(b"", status=404)],
}


def judged(*answers: Answer, nodes: str = "xx") -> Promises:
    """Return what comes of answers, each of the next node."""
    made = Promises(known={"A", "B"})
    for node, one in zip(nodes, answers, strict=False):
        made.take(node, "news.json", '"1"', one)
    return made


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_promise_is_found(sentence: str) -> None:
    """Whatever an answer says that is wrong, or differs from those before."""
    assert any(sentence in one for one in judged(*BROKEN[sentence]).faults)


def test_what_other_nodes_said_holds_for_each() -> None:
    """The same bytes under a validator, and the same id; another node may be behind."""
    other = answer(feed("A", "B", number="2"))

    assert len(judged(BOTH, other, nodes="xy").faults) == 3
    assert judged(BOTH, answer(feed("A"), '"0"'), nodes="xy").faults == []


def test_what_is_right_is_no_fault() -> None:
    """An answer without a document, a node that is not ready, and news."""
    others = answer(b"", status=304), answer(b"", status=503), answer(feed("A", "B"), '"2"')

    assert judged(answer(feed("A")), *others, nodes="xxxx").faults == []


def test_a_304_that_lies_is_found() -> None:
    """The document of that validator lacks an entry that the node has shown."""
    made = judged(answer(feed("A")), answer(feed("A", "B"), '"2"'))

    made.take("x", "news.json", '"1"', answer(b"", status=304))

    assert made.faults == ["x: goes back, without B"]


def test_an_embargo_that_ends_early_is_found() -> None:
    """By the clock of the machine on which all run."""
    made = Promises(known={"A"}, due={"A": time() + 60})

    made.take("x", "news.json", "", answer(feed("A")))

    assert "before its embargo ends" in made.faults[0]


def test_a_withdrawn_entry_that_comes_again_is_found() -> None:
    """On a node that showed it no longer; that it goes is right."""
    made = Promises(known={"A", "B"}, withdrawn={"B"})
    for tag in "121":
        made.take("x", "news.json", "", answer(feed(*("AB" if tag == "1" else "A")), tag))

    assert made.faults == ["x: shows B again, which was withdrawn"]


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (["late"], 0),
        (["late", "late over"], 0),
        (["late", "late"], 1),
        (["late over"], 1),
        (["late", "not-served over"], 0),
        (["late", "not-served over", "late over"], 1),
        (["late", "failed", "failed over"], 0),
    ],
)
def test_an_alarm_that_comes_twice_is_found(sent: list[str], number: int) -> None:
    """Each begins, and ends, once; if no news goes out for another reason, that is no other."""
    received = Received(0)
    for words in sent:
        code, _, over = words.partition(" ")
        condition = {"condition": code, "about": "", "since": "2026-11-28T12:00:00.5+01:00"}
        data = json.dumps({"over": bool(over), "conditions": [condition]}).encode()
        received.posts.append(("10.77.0.11", "/alarm", data))

    assert len(Notices(received=received).faults()) == number
