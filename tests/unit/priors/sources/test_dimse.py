"""The DIMSE source against peers that are not there or mean no good.

A real archive is asked in tests/integration/test_prior_sources.py.
"""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from service.errors import PeerError
from service.persistence.spool import Spool
from service.priors.outside import OutsideSource
from service.priors.source import Surroundings
from service.priors.sources.dimse import DimseOptions, DimsePeer
from tests.films_of_patients import film
from tests.present_films import KEY, present

ASSOCIATE_ACCEPT = 0x02


def source(port: int, spool: Spool, **options: object) -> OutsideSource:
    given = {"host": "127.0.0.1", "port": port, "ae_title": "PACS", "timeout_seconds": 20}
    chosen = DimseOptions.model_validate(given | options)
    peer = DimsePeer(chosen, Surroundings("THORAX", spool))
    return OutsideSource("archive", peer, KEY, chosen.timeout_seconds)


@pytest.fixture
def endless_pdu() -> Iterator[int]:
    """The port of a peer that announces four gigabytes and sends some of them."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1 << 16)
            head = struct.pack(">BBL", ASSOCIATE_ACCEPT, 0, 0xFFFFFFFF)
            try:
                connection.sendall(head + b"\0" * (1 << 20))
                connection.recv(1)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.close()
    thread.join()


def test_an_archive_that_is_down_is_named_and_then_left_alone(spool: Spool) -> None:
    down = source(1, spool)

    codes = []
    for _ in range(2):
        with pytest.raises(PeerError) as raised:
            down.prior(present())
        codes.append(raised.value.code)

    assert codes == ["peer_unreachable", "source_resting"]


def test_a_pdu_without_end_ends_the_association(spool: Spool, endless_pdu: int) -> None:
    with pytest.raises(PeerError) as raised:
        source(endless_pdu, spool).prior(present())

    assert raised.value.code == "peer_unreachable"


def test_a_peer_that_says_nothing_is_not_waited_for(spool: Spool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = source(server.getsockname()[1], spool, timeout_seconds=0.5)

        with pytest.raises(PeerError) as raised:
            silent.prior(present(film(2, StudyDate="20260101")))

    assert raised.value.code in ("peer_timeout", "peer_unreachable")


@pytest.mark.parametrize("missing", ["move_ae_title", "move_port"])
def test_c_move_needs_a_destination(missing: str) -> None:
    options = {"host": "h", "port": 104, "ae_title": "A", "retrieve": "move",
               "move_ae_title": "B", "move_port": 11113}  # fmt: skip

    DimseOptions.model_validate(options)
    with pytest.raises(ValidationError, match="move"):
        DimseOptions.model_validate({k: v for k, v in options.items() if k != missing})
