from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.errors import OutOfResources
from service.inbound.doorkeeper import (
    CALLED_AE_TITLE_NOT_RECOGNISED,
    CALLING_AE_TITLE_NOT_RECOGNISED,
    LOCAL_LIMIT_EXCEEDED,
    CallingPeer,
    Doorkeeper,
)
from tests.listening import FolderSpool

RESERVE = 1000


@dataclass
class LostDisk:
    """A spool whose disk does not answer."""

    def temporary_file(self) -> Path:
        raise NotImplementedError

    def free_bytes(self) -> int:
        raise OutOfResources


def request(
    calling: str = "MODALITY", called: str = "THORAX", address: str = "192.0.2.7"
) -> object:
    primitive = SimpleNamespace(calling_ae_title=calling, called_ae_title=called)
    requestor = SimpleNamespace(primitive=primitive, address_info=SimpleNamespace(address=address))
    return SimpleNamespace(requestor=requestor)


@pytest.fixture
def door(tmp_path: Path) -> Doorkeeper:
    return Doorkeeper((), "THORAX", FolderSpool(tmp_path, free=RESERVE), RESERVE)


def test_anybody_may_come_where_no_peers_are_named(door: Doorkeeper) -> None:
    assert door.rejection(request(calling="STRANGER")) is None


def test_another_called_title_is_rejected_unless_any_will_do(door: Doorkeeper) -> None:
    other = request(called="OTHER")

    assert door.rejection(other) == CALLED_AE_TITLE_NOT_RECOGNISED
    assert replace(door, called=None).rejection(other) is None


def test_padding_of_titles_does_not_matter(door: Doorkeeper) -> None:
    padded = request(calling="MODALITY  ", called="THORAX   ")
    known = replace(door, peers=(CallingPeer("MODALITY"),))

    assert known.rejection(padded) is None


@pytest.mark.parametrize(
    ("peer", "rejection"),
    [
        (CallingPeer("MODALITY"), None),
        (CallingPeer("MODALITY", "192.0.2.7"), None),
        (CallingPeer("MODALITY", "192.0.2.8"), CALLING_AE_TITLE_NOT_RECOGNISED),
        (CallingPeer("OTHER"), CALLING_AE_TITLE_NOT_RECOGNISED),
    ],
    ids=["title", "title and address", "wrong address", "wrong title"],
)
def test_named_peers_come_by_title_and_from_their_address(
    door: Doorkeeper, peer: CallingPeer, rejection: tuple[int, int, int] | None
) -> None:
    assert replace(door, peers=(peer,)).rejection(request()) == rejection


def test_a_host_name_stands_for_its_addresses(door: Doorkeeper) -> None:
    known = replace(door, peers=(CallingPeer("MODALITY", "localhost"),))

    assert known.rejection(request(address="127.0.0.1")) is None
    assert known.rejection(request()) == CALLING_AE_TITLE_NOT_RECOGNISED


def test_nobody_comes_in_below_the_reserve_or_when_the_disk_is_lost(
    door: Doorkeeper, tmp_path: Path
) -> None:
    full = replace(door, spool=FolderSpool(tmp_path, free=RESERVE - 1))

    assert full.rejection(request()) == LOCAL_LIMIT_EXCEEDED
    assert replace(door, spool=LostDisk()).rejection(request()) == LOCAL_LIMIT_EXCEEDED
