"""Deliveries have places, which slow ones leave to others."""

from __future__ import annotations

from dateline.hub.places import PROMPT, Places

FILES = 1024
OTHERS = 300  # files that are not for deliveries


def test_a_delivery_leaves_its_place_at_its_end() -> None:
    """There are so many at a time."""
    places = Places(FILES)
    room = places.room(0)
    taken = [places.take(0) for _ in range(room)]
    assert (places.room(0), places.is_busy) == (0, True)

    places.leave(taken[0])
    assert places.room(0) == 1
    for one in taken[1:]:
        places.leave(one)

    assert (places.room(0), places.is_busy) == (room, False)


def test_a_slow_delivery_leaves_its_place_to_another() -> None:
    """It goes on, and counts once when it ends; there is a limit to all, with kept connections."""
    places = Places(FILES)
    room = places.room(0)
    taken = []
    moment = 0.0
    while places.room(moment):
        taken += [places.take(moment) for _ in range(places.room(moment))]
        moment += PROMPT + 1

    assert room < len(taken) < len(taken) + places.kept <= FILES - OTHERS
    for one in taken:
        places.leave(one)
    assert places.room(moment) == room


def test_few_files_are_shared_with_all_else() -> None:
    """As on macOS, where a process may open 256 if nobody allows it more."""
    places = Places(256)
    taken = [places.take(0) for _ in range(places.room(0))]

    assert taken
    assert places.kept
    assert len(taken) + places.kept <= 128
    assert places.room(0) == 0


def test_deliveries_to_hosts_in_trouble_have_places_of_their_own() -> None:
    """However long they take."""
    places = Places(FILES)
    room = places.room(0)
    taken = [places.take(0, ill=True) for _ in range(places.room(0, ill=True))]

    assert taken
    assert places.room(99, ill=True) == 0
    assert places.room(99) == room
    assert not places.is_busy
    places.leave(taken[0])
    assert places.room(99, ill=True) == 1
