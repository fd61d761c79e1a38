"""Real radiographs sent with DCMTK to `thorax up` come back to a real PACS as SEG, SR and SC."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from tests.e2e.dcmtk import dcmsend, storescu
from tests.e2e.thorax_up import Thorax, thorax_up, uid_of
from tests.peers import require
from tests.servers import Orthanc, orthanc_server

pytestmark = [pytest.mark.peer, pytest.mark.shared, pytest.mark.slow, pytest.mark.timeout(900)]

RESULTS = {
    "seg": SegmentationStorage,
    "sr": ComprehensiveSRStorage,
    "sc": SecondaryCaptureImageStorage,
}
WAIT_SECONDS = 420.0
STORESCU = (
    "cr-fuji-mono1-10bit-no-preamble",
    "sc-nih-a-tagged-dx",
    "sc-nih-b-tagged-dx",
    "sc-nih-bodypart-ribcage",
)
DCMSEND = (
    "cr-philips-mono1-15bit-j2k-lossy",
    "cr-rsna-8bit-jpeg-baseline",
    "cr-rsna-wrongly-tagged-mono1",
    "dx-canon-mono1-12bit-j2k-lossless",
)
CHEST = STORESCU + DCMSEND
NOT_CHEST = ("cr-dental-modality-lut", "cr-tibia-mono1-j2k", "dx-dog-thorax", "sc-nih-tagged-ct")
BROKEN = ("dx-canon-broken-j2k-codestream",)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, what the senders said, and what lies in the PACS afterwards."""

    files: Mapping[str, Path]
    answers: Mapping[str, CompletedProcess[str]]
    thorax: Thorax
    delivered: tuple[Dataset, ...]

    def uid(self, name: str) -> str:
        return str(pydicom.dcmread(self.files[name], force=True).SOPInstanceUID)

    def job(self, name: str) -> dict[str, Any]:
        """Return the first job of a file's instance."""
        return self.thorax.jobs_of(self.uid(name))[0]

    def results(self, name: str, sop_class_uid: str) -> list[Dataset]:
        """Return the objects of a class in the PACS that refer to the file's instance."""
        uid = self.uid(name)
        return [
            each
            for each in self.delivered
            if each.SOPClassUID == sop_class_uid and uid in _referenced(each)
        ]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    """All of the real data, sent once; the tests below look at what came of it."""
    data = require("shared") / "data" / "dicom"
    files = {path.stem: path for path in sorted(data.glob("*/*.dcm"))}
    folder = tmp_path_factory.mktemp("roundtrip")
    store = folder / "orthanc"
    store.mkdir()
    with orthanc_server(store) as orthanc, thorax_up(folder, orthanc) as thorax:
        port = thorax.dicom_port
        answers = {
            "storescu": storescu([files[name] for name in STORESCU], port),
            "dcmsend": dcmsend([files[name] for name in DCMSEND], port),
            "not-chest": dcmsend([files[name] for name in NOT_CHEST], port),
            "broken": dcmsend([files[name] for name in BROKEN], port),
            "conflict": dcmsend([files["same-uid-a"], files["same-uid-b"]], port),
        }
        acknowledged = [answers["storescu"].returncode, answers["dcmsend"].returncode]
        assert acknowledged == [0, 0], f"{answers}\n{thorax.logs()}"
        thorax.wait_until_final(len(CHEST), WAIT_SECONDS)
        yield Sent(files, answers, thorax, tuple(_instances(orthanc)))


def test_the_folder_of_chest_radiographs_is_the_one_listed_here(sent: Sent) -> None:
    found = {name for name, path in sent.files.items() if path.parent.name == "chest"}

    assert found == set(CHEST)


@pytest.mark.parametrize("sender", ["storescu", "dcmsend", "not-chest", "broken"])
def test_everything_that_can_be_kept_is_acknowledged(sent: Sent, sender: str) -> None:
    answer = sent.answers[sender]

    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("kind", sorted(RESULTS))
@pytest.mark.parametrize("name", CHEST)
def test_a_chest_radiograph_comes_back(sent: Sent, name: str, kind: str) -> None:
    found = sent.results(name, RESULTS[kind])

    assert len(found) == 1, sent.thorax.logs()


@pytest.mark.parametrize("name", CHEST)
def test_results_lie_in_the_study_of_their_source(sent: Sent, name: str) -> None:
    study = pydicom.dcmread(sent.files[name], force=True).StudyInstanceUID

    results = [each for sop_class in RESULTS.values() for each in sent.results(name, sop_class)]

    assert {each.StudyInstanceUID for each in results} == {study}


@pytest.mark.parametrize("name", CHEST)
def test_the_job_says_that_every_result_was_delivered(sent: Sent, name: str) -> None:
    job = sent.job(name)

    assert (job["state"], job["reason"]) == ("done", None)
    assert {d["kind"]: d["state"] for d in job["deliveries"]} == dict.fromkeys(RESULTS, "delivered")


@pytest.mark.parametrize("name", NOT_CHEST)
def test_what_is_no_chest_is_skipped_with_a_reason(sent: Sent, name: str) -> None:
    job = sent.job(name)

    assert job["state"] == "skipped"
    assert job["reason"]["code"]
    assert job["reason"]["text"]


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_decoded_is_rejected_with_a_reason(sent: Sent, name: str) -> None:
    job = sent.job(name)

    assert (job["state"], job["reason"]["code"]) == ("rejected", "decode_failed")


@pytest.mark.parametrize("name", NOT_CHEST + BROKEN)
def test_nothing_is_delivered_for_what_was_not_analysed(sent: Sent, name: str) -> None:
    assert not [each for sop_class in RESULTS.values() for each in sent.results(name, sop_class)]


def test_other_content_under_a_known_uid_is_refused_as_a_duplicate(sent: Sent) -> None:
    said = sent.answers["conflict"].stdout + sent.answers["conflict"].stderr

    assert "Status: 0x111" in said, said


def test_other_content_under_a_known_uid_is_kept_as_a_conflict(sent: Sent) -> None:
    states = [(job["state"], job["reason"]) for job in sent.thorax.jobs_of(sent.uid("same-uid-b"))]

    assert [state for state, _ in states] == ["done", "rejected"]
    assert states[1][1]["code"] == "conflict"


def test_nobody_else_has_a_job(sent: Sent) -> None:
    expected = {sent.uid(name) for name in sent.files}

    assert {uid_of(job) for job in sent.thorax.jobs()} == expected


def _instances(orthanc: Orthanc) -> Iterator[Dataset]:
    for each in orthanc.instances():
        yield pydicom.dcmread(io.BytesIO(orthanc.file(each["orthanc_id"])))


def _referenced(dataset: Dataset) -> set[str]:
    """Return all SOP Instance UIDs that a data set names anywhere."""
    return {
        str(element.value)
        for element in dataset.iterall()
        if element.keyword == "ReferencedSOPInstanceUID"
    }
