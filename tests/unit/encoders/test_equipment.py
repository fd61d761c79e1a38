import pytest
from pydicom.dataset import Dataset

from service import __version__
from service.domain.analysis import ObjectKind
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.phantoms import MODEL


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
    assert "unverified" in ours.ContributionDescription
    assert ours.PurposeOfReferenceCodeSequence[0].CodeValue == "109102"


def test_the_detector_stays_named(made: Dataset) -> None:
    first = made.ContributingEquipmentSequence[0]

    assert first.Manufacturer == "Builders"
    assert first.PurposeOfReferenceCodeSequence[0].CodeValue == "109101"
