from dataclasses import dataclass, field

import pytest

from service.inbound.admission import Connections
from service.inbound.limits import Limits

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@dataclass(eq=False)
class Guest:
    """A connection as admission sees one."""

    peer: str
    idle: float = 0.0
    reasons: list[str] = field(default_factory=list)
    was_cut: bool = False

    @property
    def is_departing(self) -> bool:
        return bool(self.reasons)

    def idle_seconds(self) -> float:
        return self.idle

    def eject(self, reason: str) -> None:
        self.reasons.append(reason)

    def cut(self) -> None:
        self.was_cut = True


def connections(total: int, per_peer: int) -> Connections:
    return Connections(
        Limits(
            maximum_connections=total, maximum_connections_per_peer=per_peer, evictable_seconds=1.0
        )
    )


def entered(house: Connections, *guests: Guest) -> tuple[Guest, ...]:
    for guest in guests:
        house.enter(guest)
    return guests


def test_everybody_comes_in_while_there_is_room() -> None:
    house = connections(total=2, per_peer=2)
    entered(house, Guest(HERE))

    assert house.admit(HERE)


def test_the_one_idle_for_longest_makes_room() -> None:
    house = connections(total=3, per_peer=3)
    busy, short, long = entered(house, Guest(HERE, 0.0), Guest(HERE, 5.0), Guest(HERE, 50.0))

    assert house.admit(ELSEWHERE)
    assert long.reasons == ["made_room"]
    assert not busy.is_departing
    assert not short.is_departing


def test_nobody_at_work_is_sent_away_for_a_newcomer() -> None:
    house = connections(total=2, per_peer=2)
    guests = entered(house, Guest(HERE, 0.0), Guest(HERE, 0.5))

    assert not house.admit(ELSEWHERE)
    assert not any(guest.is_departing for guest in guests)


def test_a_greedy_peer_makes_room_among_its_own() -> None:
    house = connections(total=10, per_peer=2)
    own, other = Guest(HERE, 5.0), Guest(ELSEWHERE, 500.0)
    entered(house, own, Guest(HERE, 3.0), other)

    assert house.admit(HERE)
    assert own.is_departing
    assert not other.is_departing


def test_those_who_were_asked_to_go_are_not_asked_again() -> None:
    house = connections(total=2, per_peer=2)
    first, second = entered(house, Guest(HERE, 9.0), Guest(HERE, 8.0))
    house.admit(HERE)
    house.enter(Guest(HERE, 0.0))

    assert house.admit(HERE)
    assert [first.reasons, second.reasons] == [["made_room"], ["made_room"]]


def test_a_flood_cannot_pile_up_those_who_are_about_to_go() -> None:
    house = connections(total=1, per_peer=1000)
    entered(house, *(Guest(HERE, 9.0) for _ in range(40)))
    for guest in list(house._live):  # noqa: SLF001
        guest.eject("made_room")

    assert not house.admit(ELSEWHERE)


def test_leaving_twice_counts_once() -> None:
    house = connections(total=2, per_peer=2)
    first, _ = entered(house, Guest(HERE), Guest(HERE))
    house.leave(first)
    house.leave(first)

    assert len(house) == 1


@pytest.mark.parametrize("idle", [0.0, 5.0], ids=["busy", "idle"])
def test_draining_asks_the_idle_to_go_and_cuts_who_stays(idle: float) -> None:
    house = connections(total=2, per_peer=2)
    (guest,) = entered(house, Guest(HERE, idle))
    guest.cut = lambda: house.leave(guest)

    house.drain(seconds=0.05)

    assert guest.is_departing == (idle > 0)
    assert len(house) == 0
