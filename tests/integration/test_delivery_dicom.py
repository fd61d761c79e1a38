"""C-STORE delivery to peers that behave, refuse, stall and break off."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage
from pynetdicom import AE, evt

from service.delivery.dicom_store import DicomOptions, DicomStore
from service.dimse.negotiation import SENT_SOP_CLASSES
from service.domain.analysis import ObjectKind
from service.errors import PeerError, PeerRefused
from service.receiver import Receiver
from tests.builders import build_sc, write_part10
from tests.deliveries import families_offer, offer_of
from tests.peers import require
from tests.processes import answers, free_port, running
from tests.raw_dimse import EXPLICIT


@pytest.fixture
def dataset() -> Dataset:
    return build_sc()


@pytest.fixture
def result(tmp_path: Path, dataset: Dataset) -> Path:
    return write_part10(dataset, tmp_path / "sc.dcm")


def pacs(port: int, **options: object) -> DicomStore:
    given = {"host": "127.0.0.1", "port": port, "ae_title": "PACS", "response_seconds": 5.0}
    return DicomStore("pacs", DicomOptions.model_validate(given | options), "THORAX")


def scp(status: int, sop_classes: Sequence[str] = SENT_SOP_CLASSES) -> AbstractContextManager[int]:
    """Run a pynetdicom SCP that gives one answer to everything, and give its port."""
    return scp_that(lambda _: status, sop_classes)


@contextmanager
def scp_that(
    answer: Callable[[evt.Event], int], sop_classes: Sequence[str] = SENT_SOP_CLASSES
) -> Iterator[int]:
    """Run a pynetdicom SCP that answers each C-STORE as told, and give its port."""
    entity = AE("PACS")
    for sop_class in sop_classes:
        entity.add_supported_context(sop_class, EXPLICIT)
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, answer)]
    )
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


@contextmanager
def storescp(folder: Path, *switches: str) -> Iterator[int]:
    """Run DCMTK's storescp with fault switches, and give its port."""
    program, port = require("storescp"), free_port()
    (folder / "stored").mkdir()
    command = [program, "-od", folder / "stored", "-aet", "PACS", *switches, str(port)]
    with running(command, folder / "storescp.log", ready=lambda: answers(port)):
        yield port


def error_of(store: DicomStore, result: Path) -> PeerError:
    with pytest.raises(PeerError) as caught:
        store.deliver(offer_of(result))
    return caught.value


@pytest.mark.parametrize("sop_class_uid", SENT_SOP_CLASSES, ids=lambda each: each.name)
def test_each_kind_of_result_arrives_byte_by_byte(tmp_path: Path, sop_class_uid: str) -> None:
    dataset = build_sc(SOPClassUID=sop_class_uid)
    result = write_part10(dataset, tmp_path / "result.dcm")

    with Receiver(tmp_path / "pacs") as receiver:
        for _ in range(2):  # again does no harm
            pacs(receiver.port).deliver(offer_of(result))
        (kept,) = receiver.inbox.of_class(sop_class_uid)

    assert dcmread(kept) == dcmread(result)
    assert data_set(kept) == data_set(result)


def data_set(path: Path) -> bytes:
    content = path.read_bytes()
    return content[content.index(b"\x08\x00\x05\x00CS") :]


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xB006, 0xB007, 0x0111], ids=hex)
def test_success_and_warnings_count_as_delivered(result: Path, status: int) -> None:
    with scp(status) as port:
        pacs(port).deliver(offer_of(result))


@pytest.mark.parametrize("status", [0xA700, 0x0110, 0xA7FF], ids=hex)
def test_a_passing_failure_is_tried_again(result: Path, status: int) -> None:
    with scp(status) as port:
        error = error_of(pacs(port), result)

    assert (error.code, error.retryable) == ("store_failed", True)
    assert f"0x{status:04X}" in error.text


@pytest.mark.parametrize("status", [0xA900, 0xC000, 0x0122, 0x0124], ids=hex)
def test_a_lasting_refusal_is_not(result: Path, status: int) -> None:
    with scp(status) as port:
        error = error_of(pacs(port), result)

    assert isinstance(error, PeerRefused)
    assert (error.code, error.retryable) == ("store_refused", False)


def test_a_peer_that_takes_no_such_class_refuses_for_good(result: Path) -> None:
    with scp(0x0000, [SegmentationStorage]) as port:
        error = error_of(pacs(port), result)

    assert isinstance(error, PeerRefused)
    assert error.code == "context_refused"


def test_a_peer_that_is_not_there_is_tried_again(result: Path, free_port: int) -> None:
    error = error_of(pacs(free_port), result)

    assert (error.code, error.retryable) == ("peer_unreachable", True)


@pytest.mark.parametrize(
    ("option", "value"),
    [("require_called_aet", True), ("require_calling_aet", ["OTHER"])],
    ids=["called", "calling"],
)
def test_a_peer_that_does_not_know_a_title_refuses_for_good(
    dataset: Dataset, result: Path, option: str, value: object
) -> None:
    entity = AE("SOMEBODY")
    entity.add_supported_context(dataset.SOPClassUID, EXPLICIT)
    setattr(entity, option, value)
    server = entity.start_server(("127.0.0.1", 0), block=False)
    try:
        error = error_of(pacs(server.server_address[1]), result)
    finally:
        server.shutdown()

    assert isinstance(error, PeerRefused)
    assert error.code == "association_rejected"


def test_a_peer_that_is_full_for_the_moment_is_tried_again(dataset: Dataset, result: Path) -> None:
    def reject(event: evt.Event) -> None:
        event.assoc.acse.send_reject(0x02, 0x03, 0x02)
        event.assoc.kill()

    entity = AE("PACS")
    entity.add_supported_context(dataset.SOPClassUID, EXPLICIT)
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_REQUESTED, reject)]
    )
    try:
        error = error_of(pacs(server.server_address[1]), result)
    finally:
        server.shutdown()

    assert not isinstance(error, PeerRefused)
    assert error.code == "association_rejected"


def test_a_peer_that_accepts_and_then_reads_nothing_does_not_hold_us(tmp_path: Path) -> None:
    """The object is larger than all buffers between us, so sending it blocks."""
    dataset = build_sc(np.zeros((4096, 4096), np.uint16))
    result = write_part10(dataset, tmp_path / "large.dcm")
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted = threading.Thread(target=_accept_and_stall, args=(server,), daemon=True)
        accepted.start()

        store = pacs(server.getsockname()[1], response_seconds=1.0)
        error = error_of(store, result)

    assert error.retryable
    assert error.code in ("peer_timeout", "peer_aborted")


def _accept_and_stall(server: socket.socket) -> None:
    client, _ = server.accept()
    with client:
        request = client.recv(65536)
        context = b"\x21\x00\x00\x1b\x01\x00\x00\x00" + b"\x40\x00\x00\x13" + EXPLICIT.encode()
        items = b"\x10\x00\x00\x151.2.840.10008.3.1.1.1" + context
        items += b"\x50\x00\x00\x0d\x51\x00\x00\x04\x00\x02\x00\x00\x52\x00\x00\x01" + b"1"
        body = request[6:74] + items
        client.sendall(b"\x02\x00" + len(body).to_bytes(4, "big") + body)
        while client.fileno() >= 0 and server.fileno() >= 0:
            threading.Event().wait(0.1)


def test_what_a_peer_accepts_and_then_refuses_is_passed_over(tmp_path: Path) -> None:
    def judge(event: evt.Event) -> int:
        return 0x0122 if event.request.AffectedSOPClassUID == SegmentationStorage else 0x0000

    segmentation, picture = build_sc(SOPClassUID=SegmentationStorage), build_sc()
    files = {
        ObjectKind.SEG: write_part10(segmentation, tmp_path / "seg.dcm"),
        ObjectKind.SC: write_part10(picture, tmp_path / "sc.dcm"),
    }
    offer = families_offer(ObjectKind.SEG, {"": files}, instead={ObjectKind.SEG: (ObjectKind.SC,)})
    with scp_that(judge) as port:
        sent = pacs(port).deliver(offer)

    assert sent.sop_instance_uid == picture.SOPInstanceUID
    assert sent.why.text == "the peer answered 0x0122 to Segmentation Storage"


def test_instances_of_one_kind_are_all_sent_again_after_a_break(tmp_path: Path) -> None:
    arrived: list[str] = []

    def break_off_once(event: evt.Event) -> int:
        arrived.append(str(event.request.AffectedSOPInstanceUID))
        if len(arrived) == 2:
            event.assoc.abort()
        return 0x0000

    layers = [build_sc(SOPClassUID=SegmentationStorage) for _ in range(3)]
    paths = tuple(
        write_part10(each, tmp_path / f"seg-{number}.dcm") for number, each in enumerate(layers)
    )
    offer = families_offer(ObjectKind.SEG, {"": {ObjectKind.SEG: paths}})
    with scp_that(break_off_once) as port:
        with pytest.raises(PeerError) as caught:
            pacs(port).deliver(offer)
        assert caught.value.retryable
        sent = pacs(port).deliver(offer)

    uids = [str(each.SOPInstanceUID) for each in layers]
    assert arrived == uids[:2] + uids
    assert sent.sop_instance_uid == uids[0]


@pytest.mark.peer
def test_storescp_takes_what_we_send(tmp_path: Path, dataset: Dataset, result: Path) -> None:
    with storescp(tmp_path) as port:
        pacs(port).deliver(offer_of(result))

    (stored,) = (tmp_path / "stored").iterdir()
    assert dcmread(stored).SOPInstanceUID == dataset.SOPInstanceUID
    assert dcmread(stored).PixelData == dataset.PixelData


@pytest.mark.peer
def test_storescp_that_refuses_all_associations(tmp_path: Path, result: Path) -> None:
    with storescp(tmp_path, "--refuse") as port:
        codes = [error_of(pacs(port), result).code for _ in range(5)]

    # storescp closes as it rejects, and the reset of that may overtake its answer: then nobody
    # was reached, which is tried again, as here.
    assert "association_rejected" in codes
    assert set(codes) <= {"association_rejected", "peer_unreachable"}


@pytest.mark.peer
@pytest.mark.parametrize("when", ["--abort-during", "--abort-after"])
def test_storescp_that_aborts(tmp_path: Path, result: Path, when: str) -> None:
    with storescp(tmp_path, when) as port:
        error = error_of(pacs(port), result)

    assert (error.code, error.retryable) == ("peer_aborted", True)


@pytest.mark.peer
def test_storescp_that_sleeps_over_its_answer(tmp_path: Path, result: Path) -> None:
    with storescp(tmp_path, "--sleep-during", "60") as port:
        error = error_of(pacs(port, response_seconds=1.0), result)

    assert (error.code, error.retryable) == ("peer_timeout", True)


@pytest.mark.peer
def test_storescp_that_does_not_know_segmentations(tmp_path: Path) -> None:
    dataset = build_sc(SOPClassUID=SegmentationStorage)
    result = write_part10(dataset, tmp_path / "seg.dcm")
    profile = tmp_path / "profile.cfg"
    profile.write_text(
        "[[TransferSyntaxes]]\n[Plain]\nTransferSyntax1 = LittleEndianExplicit\n"
        "[[PresentationContexts]]\n[ReportsOnly]\n"
        "PresentationContext1 = 1.2.840.10008.5.1.4.1.1.88.33\\Plain\n"
        "[[Profiles]]\n[Default]\nPresentationContexts = ReportsOnly\n"
    )
    with storescp(tmp_path, "-xf", str(profile), "Default") as port:
        error = error_of(pacs(port), result)

    assert isinstance(error, PeerRefused)
    assert error.code == "context_refused"
