from pathlib import Path

import pytest

from service.dimse.scu import Patience, Remote
from service.receiver import Receiver
from service.sending import SentFile, files_in, outgoing, send
from tests.builders import build_dx, build_sc, write_part10
from tests.raw_dimse import IMPLICIT


def remote(port: int) -> Remote:
    return Remote("127.0.0.1", port, "PACS")


def test_a_folder_is_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/2.dcm", "b/1.dcm", "a.dcm", "b/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert files_in([tmp_path / "b", tmp_path / "a.dcm"]) == (
        tmp_path / "b" / "1.dcm",
        tmp_path / "b" / "2.dcm",
        tmp_path / "a.dcm",
    )


def test_files_of_every_kind_go_over_and_each_is_told_as_it_happens(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    write_part10(build_dx(), films / "1.dcm")
    write_part10(build_dx(), films / "2.dcm", "1.2.840.10008.1.2.5")
    bare = write_part10(build_sc(), films / "3.dcm", IMPLICIT)
    bare.write_bytes(bare.read_bytes()[outgoing(bare).data_set_offset :])
    told: list[SentFile] = []

    with Receiver(tmp_path / "pacs") as receiver:
        sent = send([films], remote(receiver.port), "TESTER", told.append)

        assert receiver.count == 3
    assert list(sent) == told
    assert [each.path.name for each in sent] == ["1.dcm", "2.dcm", "3.dcm"]
    assert all(each.is_stored and each.status == 0x0000 for each in sent)


def test_what_is_no_instance_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a film")
    good = write_part10(build_dx(), tmp_path / "film.dcm")
    wrong_class = write_part10(
        build_dx(SOPClassUID="1.2.840.10008.5.1.4.1.1.2"), tmp_path / "ct.dcm"
    )

    with Receiver(tmp_path / "pacs") as receiver:
        files = [tmp_path / "notes.txt", tmp_path / "absent.dcm", wrong_class, good]
        sent = send(files, remote(receiver.port), "TESTER")

    codes = {each.path.name: each.code for each in sent}
    assert codes == {
        "notes.txt": "not_dicom",
        "absent.dcm": "unreadable",
        "ct.dcm": "context_refused",
        "film.dcm": None,
    }
    assert [each.path for each in sent if each.is_stored] == [good]


def test_a_peer_that_is_not_there_is_said_of_every_file(tmp_path: Path, free_port: int) -> None:
    films = [write_part10(build_dx(), tmp_path / f"{number}.dcm") for number in range(3)]

    sent = send(films, remote(free_port), "TESTER", patience=Patience(connect_seconds=2.0))

    assert [each.code for each in sent] == ["peer_unreachable"] * 3


@pytest.mark.parametrize(
    ("status", "stored"), [(0x0000, True), (0xB000, True), (0xA700, False), (0xC000, False)]
)
def test_the_status_decides_what_counts_as_stored(*, status: int, stored: bool) -> None:
    assert SentFile(Path("x"), status=status).is_stored == stored
