import os
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from service.delivery.folder import Folder, FolderOptions
from service.domain.analysis import ObjectKind
from service.errors import PeerError, PeerRefused, RejectedInstance
from tests.builders import build_dx, write_part10
from tests.deliveries import families_offer, offer_of


@pytest.fixture
def dataset() -> Dataset:
    return build_dx()


@pytest.fixture
def result(tmp_path: Path, dataset: Dataset) -> Path:
    return write_part10(dataset, tmp_path / "seg.dcm")


def folder(root: Path) -> Folder:
    return Folder("archive", FolderOptions(root=root), "THORAX")


def test_an_object_lies_under_its_study_and_its_own_uid(
    tmp_path: Path, dataset: Dataset, result: Path
) -> None:
    folder(tmp_path / "out").deliver(offer_of(result))

    expected = tmp_path / "out" / dataset.StudyInstanceUID / f"{dataset.SOPInstanceUID}.dcm"
    assert expected.read_bytes() == result.read_bytes()
    assert expected.stat().st_mode & 0o777 == 0o644


def test_delivering_again_changes_nothing(tmp_path: Path, result: Path) -> None:
    for _ in range(3):
        folder(tmp_path / "out").deliver(offer_of(result))

    files = [each for each in (tmp_path / "out").rglob("*") if each.is_file()]
    assert [each.read_bytes() for each in files] == [result.read_bytes()]


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path, result: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")

    with pytest.raises(PeerError) as caught:
        folder(tmp_path / "out").deliver(offer_of(result))

    assert caught.value.code == "folder_unavailable"
    assert caught.value.retryable
    assert not isinstance(caught.value, PeerRefused)


def test_a_failed_copy_leaves_nothing_behind(
    tmp_path: Path, result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    # A disk that fails at fsync cannot be had without root.
    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(PeerError):
        folder(tmp_path / "out").deliver(offer_of(result))

    assert not [each for each in (tmp_path / "out").rglob("*") if each.is_file()]


def test_a_uid_never_becomes_another_path(tmp_path: Path) -> None:
    hostile = write_part10(build_dx(SOPInstanceUID="../../x"), tmp_path / "hostile.dcm")

    with pytest.raises(RejectedInstance):
        folder(tmp_path / "out").deliver(offer_of(hostile))


def test_the_wanted_kind_of_the_best_family_is_copied_with_all_its_instances(
    tmp_path: Path,
) -> None:
    layers = tuple(
        write_part10(build_dx(SOPInstanceUID=f"1.2.{each}"), tmp_path / f"seg-{each}.dcm")
        for each in (1, 2)
    )
    plain = write_part10(build_dx(SOPInstanceUID="1.2.3"), tmp_path / "seg.dcm")
    families = {"labelmap": {ObjectKind.SEG: layers}, "": {ObjectKind.SEG: plain}}

    sent = folder(tmp_path / "out").deliver(families_offer(ObjectKind.SEG, families))

    copied = sorted(each.stem for each in (tmp_path / "out").rglob("*.dcm"))
    assert copied == ["1.2.1", "1.2.2"]
    assert (sent.kind, sent.family, sent.sop_instance_uid) == ("seg", "labelmap", "1.2.1")


def test_a_kind_that_was_not_made_is_refused_by_name(tmp_path: Path, result: Path) -> None:
    offer = families_offer(ObjectKind.SR, {"": {ObjectKind.SEG: result}})

    with pytest.raises(PeerRefused) as caught:
        folder(tmp_path / "out").deliver(offer)

    assert caught.value.code == "not_made"
