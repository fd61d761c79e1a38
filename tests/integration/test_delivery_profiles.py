"""What real peers of different abilities get of one analysis, and what its job says of that."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    ExplicitVRLittleEndian,
    GrayscaleSoftcopyPresentationStateStorage,
    ImplicitVRLittleEndian,
    RLELossless,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from service.analysing import write_families
from service.bootstrap import build_destinations
from service.dimse.negotiation import LABEL_MAP_SEGMENTATION_STORAGE
from service.domain.analysis import EncodedObject, ObjectKind
from service.domain.delivering import Sent
from service.domain.identifiers import JobId
from service.domain.job import DeliveryState, JobState
from service.domain.outcome import Outcome
from service.encoders.family import FamilyOptions
from service.encoders.registry import SegForm
from service.intake import Intake
from service.persistence.migrations import migrate
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.processing import Processing
from service.routing import needs_of
from service.settings import Settings
from tests.builders import build_dx
from tests.fake_work import MODEL, write_end
from tests.fakes import RecordingQueue, receive
from tests.headers import VIEWER, analysis_of
from tests.peers import require
from tests.processes import answers, free_port, running
from tests.servers import Orthanc, orthanc_server

pytestmark = pytest.mark.peer
SEG, SR, SC, GSPS = ObjectKind.SEG, ObjectKind.SR, ObjectKind.SC, ObjectKind.GSPS
UNALIGNED = (63, 47)
PACKED = replace(VIEWER, seg_form=SegForm.FRACTIONAL, seg_transfer_syntax_uid=RLELossless)
ENCODINGS = {
    "": VIEWER,
    "rle": PACKED,
    "labelmap": replace(PACKED, seg_form=SegForm.LABELMAP),
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """One run: what each row says was sent, its state, the job's state, and what was made."""

    sent: dict[ObjectKind, Sent | None]
    states: dict[ObjectKind, DeliveryState]
    job: JobState
    objects: tuple[EncodedObject, ...]

    def uids(self, kind: ObjectKind, family: str) -> list[str]:
        """Return the SOP Instance UIDs that were made of this kind in this family."""
        made = [each for each in self.objects if (each.kind, each.family) == (kind, family)]
        return [each.sop_instance_uid for each in made]


def deliver(folder: Path, port: int, **wanted: object) -> Delivered:
    """Analyse a phantom and deliver it to the one destination that `wanted` describes."""
    header = build_dx(np.zeros(UNALIGNED, dtype=np.uint16))
    options = {"host": "127.0.0.1", "port": port, "ae_title": "PACS"}
    destination = {"name": "pacs", "kind": "dicom", "options": options} | wanted
    settings = Settings.model_validate({"destinations": [destination]})
    needs = needs_of(settings)
    made: list[EncodedObject] = []

    def analyse(_: Path, results: Path) -> Outcome:
        needed = (FamilyOptions(need.family, ENCODINGS[need.family], need.kinds) for need in needs)
        made[:] = write_families(results, header, analysis_of(header), tuple(needed))
        return Outcome(JobState.DONE, None, None, MODEL, tuple(made))

    url = f"sqlite:///{folder / 'thorax.db'}"
    migrate(url)
    database, spool, queue = Database(url), Spool(folder / "home"), RecordingQueue()
    job_id = Intake(database, spool, queue, 0).accept(receive(spool)).job_id
    routes = build_destinations(settings)
    processing = Processing(database, spool, queue, analyse, routes, write_end)
    processing.run_analysis(job_id)
    processing.run_delivery(job_id)
    return _outcome(database, job_id, tuple(made))


def _outcome(database: Database, job_id: JobId, made: tuple[EncodedObject, ...]) -> Delivered:
    with database.reading() as unit:
        rows, job = unit.deliveries.of_job(job_id), unit.jobs.get(job_id)
    assert job is not None
    sent = {row.kind: row.sent for row in rows}
    return Delivered(sent, {row.kind: row.state for row in rows}, job.state, made)


@contextmanager
def storescp(
    folder: Path, *sop_classes: str, syntax: str = "LittleEndianExplicit"
) -> Iterator[int]:
    """Run DCMTK's storescp that knows these SOP classes in one transfer syntax; give its port."""
    program, port = require("storescp"), free_port()
    contexts = "\n".join(
        f"PresentationContext{number} = {uid}\\Plain" for number, uid in enumerate(sop_classes, 1)
    )
    profile = folder / "profile.cfg"
    profile.write_text(
        f"[[TransferSyntaxes]]\n[Plain]\nTransferSyntax1 = {syntax}\n"
        f"[[PresentationContexts]]\n[Some]\n{contexts}\n"
        "[[Profiles]]\n[Default]\nPresentationContexts = Some\n"
    )
    (folder / "stored").mkdir()
    command = [program, "-od", folder / "stored", "-aet", "PACS", "-v", "-xf", profile, "Default"]
    with running([*command, str(port)], folder / "storescp.log", ready=lambda: answers(port)):
        yield port


def stored(folder: Path) -> dict[str, Dataset]:
    """Return what storescp keeps, by SOP Instance UID."""
    files = [dcmread(path) for path in (folder / "stored").iterdir()]
    return {str(each.SOPInstanceUID): each for each in files}


def why(sent: Sent | None) -> str:
    assert sent is not None
    return f"sent {sent.kind}: {sent.why.text}"


def test_a_peer_without_segmentations_gets_the_presentation_state_in_its_place(
    tmp_path: Path,
) -> None:
    known = (ComprehensiveSRStorage, GrayscaleSoftcopyPresentationStateStorage)
    with storescp(tmp_path, *known) as port:
        result = deliver(tmp_path, port, objects=["seg", "sr"])

    assert result.job is JobState.DONE
    assert why(result.sent[SEG]) == "sent gsps: the peer accepts no Segmentation Storage"
    assert why(result.sent[SR]) == "sent sr: the peer accepts Comprehensive SR Storage"
    assert stored(tmp_path).keys() == {*result.uids(GSPS, ""), *result.uids(SR, "")}


def test_a_peer_that_takes_only_pictures_gets_the_one_picture_once(tmp_path: Path) -> None:
    with storescp(tmp_path, SecondaryCaptureImageStorage) as port:
        result = deliver(tmp_path, port)

    assert result.job is JobState.DONE
    assert [sent and sent.kind for sent in result.sent.values()] == [SC, SC, SC]
    assert "accepts no Comprehensive SR Storage" in why(result.sent[SR])
    assert list(stored(tmp_path)) == result.uids(SC, "")
    assert (tmp_path / "storescp.log").read_text().count("Received Store Request") == 1


def test_with_nothing_to_fall_back_to_the_object_is_dead_with_its_reason(tmp_path: Path) -> None:
    with storescp(tmp_path, ComprehensiveSRStorage) as port:
        result = deliver(tmp_path, port, objects=["seg", "sr"], instead={})

    assert result.states == {SEG: DeliveryState.DEAD, SR: DeliveryState.DELIVERED}
    assert result.job is JobState.DEAD
    assert stored(tmp_path).keys() == set(result.uids(SR, ""))


def test_a_peer_that_takes_only_implicit_little_endian_gets_the_same_instance_uncompressed(
    tmp_path: Path,
) -> None:
    with storescp(tmp_path, SegmentationStorage, syntax="LittleEndianImplicit") as port:
        result = deliver(tmp_path, port, objects=["seg"])

    sent, (uid,) = result.sent[SEG], result.uids(SEG, "")
    (arrived,) = stored(tmp_path).values()
    packed = dcmread(tmp_path / "home" / "results" / _only_job(tmp_path) / "seg.dcm")
    assert sent is not None
    assert (sent.family, sent.transfer_syntax_uid) == ("", ImplicitVRLittleEndian)
    assert packed.file_meta.TransferSyntaxUID == RLELossless
    assert arrived.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
    assert arrived.SOPInstanceUID == uid
    assert np.array_equal(arrived.pixel_array, packed.pixel_array)


def test_a_peer_that_takes_label_maps_in_plain_syntaxes_alone_gets_all_layers_uncompressed(
    tmp_path: Path,
) -> None:
    known = (LABEL_MAP_SEGMENTATION_STORAGE, SegmentationStorage)
    with storescp(tmp_path, *known) as port:
        result = deliver(tmp_path, port, objects=["seg"], labelmap=True)

    layers, arrived = result.uids(SEG, "labelmap"), stored(tmp_path)
    sent = result.sent[SEG]
    assert sent is not None
    assert (sent.family, sent.why.code) == ("labelmap", "other_transfer_syntax")
    assert arrived.keys() == set(layers)
    for each in arrived.values():
        assert each.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        frames = int(each.get("NumberOfFrames", 1))
        size = frames * each.Rows * each.Columns * each.BitsAllocated // 8
        assert len(each.PixelData) == size + size % 2


def _only_job(folder: Path) -> str:
    (results,) = (each for each in (folder / "home" / "results").iterdir() if each.name[0] != ".")
    return results.name


def test_every_kind_of_object_goes_to_an_orthanc_as_it_is_installed(
    tmp_path: Path, orthanc: Orthanc
) -> None:
    result = deliver(tmp_path, orthanc.dicom_port, objects=list(ObjectKind))

    assert result.job is JobState.DONE
    assert {kind: sent and sent.kind for kind, sent in result.sent.items()} == {
        kind: kind for kind in ObjectKind
    }
    assert found(orthanc) == {each.sop_instance_uid for each in result.objects}


def test_an_orthanc_as_it_is_installed_refuses_label_maps_and_gets_the_plain_family(
    tmp_path: Path, orthanc: Orthanc
) -> None:
    result = deliver(tmp_path, orthanc.dicom_port, objects=["seg", "sr"], labelmap=True)

    sent = result.sent[SEG]
    assert sent is not None
    assert sent.family == ""
    assert why(sent) == "sent seg: the peer accepts no Label Map Segmentation Storage"
    assert found(orthanc) == {*result.uids(SEG, ""), *result.uids(SR, "")}


def test_an_orthanc_that_takes_unknown_classes_gets_all_layers_of_the_label_map(
    tmp_path: Path,
) -> None:
    (tmp_path / "orthanc").mkdir()
    with orthanc_server(tmp_path / "orthanc", takes_unknown_classes=True) as orthanc:
        result = deliver(tmp_path, orthanc.dicom_port, objects=["seg", "sr"], labelmap=True)

        layers = result.uids(SEG, "labelmap")
        folder = tmp_path / "home" / "results" / _only_job(tmp_path) / "labelmap"
        files = [dcmread(path) for path in sorted(folder.glob("seg*.dcm"))]
        made = {str(each.SOPInstanceUID): each for each in files}
        assert made.keys() == set(layers)
        assert len(layers) > 1  # heart and lungs overlap
        assert found(orthanc) == {*layers, *result.uids(SR, "labelmap")}
        for instance in orthanc.instances(Modality="SEG"):
            arrived = dcmread(BytesIO(orthanc.file(instance["orthanc_id"])))
            assert arrived.SOPClassUID == LABEL_MAP_SEGMENTATION_STORAGE
            assert arrived.PixelData == made[str(arrived.SOPInstanceUID)].PixelData
    sent = result.sent[SEG]
    assert sent is not None
    assert (sent.family, sent.why.code) == ("labelmap", "as_wanted")


def found(orthanc: Orthanc) -> set[str]:
    return {each["SOPInstanceUID"] for each in orthanc.instances()}
