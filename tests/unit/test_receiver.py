import threading
from pathlib import Path

from service.dimse.negotiation import RECEIVED_SOP_CLASSES, SENT_SOP_CLASSES
from service.dimse.scu import Remote
from service.receiver import start_receiver
from service.sending import send
from tests.builders import build_dx, build_sc, write_part10


def test_it_files_by_class_and_counts_each_instance_once(tmp_path: Path) -> None:
    film, capture = build_dx(), build_sc()
    files = [write_part10(film, tmp_path / "1.dcm"), write_part10(capture, tmp_path / "2.dcm")]

    receiver = start_receiver(tmp_path / "pacs", "PACS")
    try:
        remote = Remote("127.0.0.1", receiver.port, "ANY-TITLE")
        for _ in range(2):
            send(files, remote, "TESTER")
    finally:
        receiver.stop()

    assert receiver.count == 2
    (kept,) = receiver.inbox.of_class(film.SOPClassUID)
    assert kept.name == f"{film.SOPInstanceUID}.dcm"
    assert sorted(each.name for each in (tmp_path / "pacs").iterdir()) == sorted(
        {str(film.SOPClassUID), str(capture.SOPClassUID)}
    )


def test_it_wakes_whoever_waits_for_an_arrival(tmp_path: Path) -> None:
    film = write_part10(build_dx(), tmp_path / "film.dcm")
    receiver = start_receiver(tmp_path / "pacs")
    try:
        sender = threading.Thread(
            target=send, args=([film], Remote("127.0.0.1", receiver.port, "PACS"), "TESTER")
        )
        sender.start()

        assert receiver.inbox.wait_for(1, seconds=20)
        assert not receiver.inbox.wait_for(2, seconds=0.05)
        sender.join()
    finally:
        receiver.stop()


def test_it_takes_all_that_is_sent_in_either_direction(tmp_path: Path) -> None:
    classes = {*RECEIVED_SOP_CLASSES, *SENT_SOP_CLASSES}
    files = [write_part10(build_dx(SOPClassUID=each), tmp_path / f"{each}.dcm") for each in classes]
    receiver = start_receiver(tmp_path / "pacs")
    try:
        sent = send(files, Remote("127.0.0.1", receiver.port, "PACS"), "TESTER")
    finally:
        receiver.stop()

    assert all(each.is_stored for each in sent)
    assert receiver.count == len(classes)
