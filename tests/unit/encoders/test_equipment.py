from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from service import __version__
from service.domain.analysis import ObjectKind
from service.encoders.equipment import processing_equipment, segmentation_algorithm
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.phantoms import MODEL, RUNTIME, phantom_analysis


@pytest.fixture(scope="module", params=ObjectKind)
def made(request: pytest.FixtureRequest) -> Dataset:
    header = build_dx()
    return encode(request.param, analysis_of(header), header, VIEWER)


def test_the_maker_is_this_software_with_this_model(made: Dataset) -> None:
    assert (made.Manufacturer, made.ManufacturerModelName) == ("Thorax", MODEL.name)
    assert list(made.SoftwareVersions) == [__version__, f"{MODEL.name} {MODEL.version}"]
    assert made.DeviceSerialNumber == VIEWER.device_uid


def test_the_contribution_names_the_hash_that_decides_what_ran(made: Dataset) -> None:
    (ours,) = (i for i in made.ContributingEquipmentSequence if i.Manufacturer == "Thorax")

    assert MODEL.sha256 in ours.ContributionDescription
    assert RUNTIME.library in ours.ContributionDescription
    assert RUNTIME.provider in ours.ContributionDescription
    assert "threshold 0.45, trachea 0.5" in ours.ContributionDescription
    assert "unverified" in ours.ContributionDescription
    assert ours.PurposeOfReferenceCodeSequence[0].CodeValue == "109102"


def test_the_detector_stays_named(made: Dataset) -> None:
    first = made.ContributingEquipmentSequence[0]

    assert first.Manufacturer == "Builders"
    assert first.PurposeOfReferenceCodeSequence[0].CodeValue == "109101"


def described(thresholds: tuple[tuple[str, float], ...]) -> str:
    runtime = replace(RUNTIME, thresholds=thresholds)
    item = processing_equipment(replace(phantom_analysis(16, 16), runtime=runtime))
    return str(item.ContributionDescription)


def test_the_usual_threshold_is_said_once_and_others_by_name() -> None:
    text = described((("heart", 0.5), ("aorta", 0.35), ("lung", 0.5)))

    assert text.endswith("threshold 0.5, aorta 0.35")


def test_many_different_thresholds_are_summed_up_to_fit_into_the_attribute() -> None:
    text = described(tuple((f"posterior_rib_{n}_right", n / 200) for n in range(1, 160)))

    assert len(text) <= 1024
    assert text.endswith("thresholds 0.005 to 0.795, 159 labels")


def test_masks_that_no_model_made_name_no_runtime() -> None:
    analysis = replace(phantom_analysis(16, 16), runtime=None)

    assert "onnxruntime" not in processing_equipment(analysis).ContributionDescription
    assert "runtime" not in segmentation_algorithm(analysis, "heart")[0].AlgorithmParameters
