from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)
from pynetdicom.dsutils import decode

from service.delivery.candidates import candidates_of, forms_of, in_syntax
from service.dimse.scu import OutgoingInstance
from service.domain.analysis import ObjectKind
from service.errors import PeerRefused
from tests.builders import build_sc, draw_chest, write_part10
from tests.deliveries import families_offer, offer_of

SEG, SR, SC = ObjectKind.SEG, ObjectKind.SR, ObjectKind.SC


@pytest.fixture
def packed(tmp_path: Path) -> OutgoingInstance:
    """A Chinese patient's picture in RLE."""
    dataset = build_sc(draw_chest(), SpecificCharacterSet="ISO_IR 192", PatientName="王^小明")
    path = write_part10(dataset, tmp_path / "sc.dcm")
    compressed = dcmread(path)
    compressed.compress(RLELossless, generate_instance_uid=False)
    compressed.save_as(path)
    return candidates_of(offer_of(path))[0].instances[SC][0]


def test_an_instance_is_what_its_file_says(packed: OutgoingInstance) -> None:
    meta = dcmread(packed.path).file_meta

    assert packed.sop_class_uid == meta.MediaStorageSOPClassUID
    assert packed.sop_instance_uid == meta.MediaStorageSOPInstanceUID
    assert packed.transfer_syntax_uid == RLELossless
    assert packed.content is None


def test_every_instance_can_also_be_sent_uncompressed(packed: OutgoingInstance) -> None:
    syntaxes = [syntax for _, syntax in forms_of(packed)]

    assert syntaxes == [RLELossless, ExplicitVRLittleEndian, ImplicitVRLittleEndian]
    assert in_syntax(packed, RLELossless) is packed


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_another_syntax_holds_the_same_instance_with_the_same_pixels(
    packed: OutgoingInstance, syntax: str
) -> None:
    made = in_syntax(packed, syntax)

    assert made.content is not None
    assert made.transfer_syntax_uid == syntax
    sent = _decoded(made, implicit=syntax == ImplicitVRLittleEndian)
    kept = dcmread(packed.path)
    assert np.array_equal(_pixels(sent), kept.pixel_array)
    assert sent.SOPInstanceUID == kept.SOPInstanceUID
    assert str(sent.PatientName) == "王^小明"
    assert _without_pixels(sent) == _without_pixels(kept)


def test_a_deflated_file_is_inflated_for_a_peer_that_takes_no_other(tmp_path: Path) -> None:
    path = write_part10(build_sc(draw_chest()), tmp_path / "sc.dcm")
    plain = dcmread(path)
    plain.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    plain.save_as(path)
    deflated = candidates_of(offer_of(path))[0].instances[SC][0]

    made = in_syntax(deflated, ExplicitVRLittleEndian)

    assert deflated.transfer_syntax_uid == DeflatedExplicitVRLittleEndian
    assert np.array_equal(_pixels(_decoded(made, implicit=False)), dcmread(path).pixel_array)


def test_only_what_may_be_sent_is_opened(tmp_path: Path) -> None:
    real = write_part10(build_sc(), tmp_path / "sc.dcm")
    files = {SC: real, SEG: real, SR: tmp_path / "not-there.dcm"}

    (found,) = candidates_of(families_offer(SC, {"": files}, objects=(SC, SEG)))

    assert found.instances.keys() == {SC, SEG}


def test_a_kind_without_a_file_or_a_stand_in_is_refused(tmp_path: Path) -> None:
    real = write_part10(build_sc(), tmp_path / "sc.dcm")

    with pytest.raises(PeerRefused) as caught:
        candidates_of(families_offer(SR, {"": {SC: real}}))
    assert caught.value.code == "not_made"

    assert candidates_of(families_offer(SR, {"": {SC: real}}, instead={SR: (SC,)}))


def _decoded(instance: OutgoingInstance, *, implicit: bool) -> Dataset:
    assert instance.content is not None
    decoded: Dataset = decode(BytesIO(instance.content), implicit, True)  # noqa: FBT003
    return decoded


def _pixels(dataset: Dataset) -> object:
    return np.frombuffer(dataset.PixelData, np.uint16).reshape(dataset.Rows, dataset.Columns)


def _without_pixels(dataset: Dataset) -> Dataset:
    copy = Dataset()
    copy.update({each.tag: each for each in dataset if each.keyword != "PixelData"})
    return copy
